"""Lists and their repositories, against real Git servers on this machine."""
