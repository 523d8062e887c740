"""Makes rows.json.gz and database.sqlite3.gz: lists as release e7b973d stores them, edited there.

    python tests/data/older_release/make.py

The commit is checked out beside the repository in a temporary folder, and this file runs there
once more, with `--there`.
"""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

COMMIT = "e7b973dfda10fa11ab917b13921c72a505dd28ad"
HERE = Path(__file__).resolve().parent
ROWS = HERE / "rows.json.gz"
DATABASE = HERE / "database.sqlite3.gz"
DERIVED = ["catalog.searchrow", "catalog.posting"]
"""What every release makes anew."""


def main() -> None:
    """Check the commit out, make the rows there, and write them, and the database they are in."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "release"
        root = HERE.parents[2]
        git = ["git", "-C", str(root), "worktree"]
        subprocess.run([*git, "add", "--detach", str(tree), COMMIT], check=True)
        try:
            rows = subprocess.run(
                [sys.executable, __file__, "--there"],
                cwd=tree,
                env=os.environ
                | {
                    "PYTHONPATH": str(tree),
                    "ENV_FILE": os.devnull,
                    "DEBUG": "1",
                    "DATABASE_URL": f"sqlite:///{folder}/lists.sqlite3",
                },
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)
        with closing(sqlite3.connect(f"{folder}/lists.sqlite3")) as database:
            database.execute("VACUUM")
            whole = database.serialize()
    data = json.dumps(json.loads(rows), ensure_ascii=False, indent=0).encode()
    for file, content in ((ROWS, data), (DATABASE, whole)):
        file.write_bytes(gzip.compress(content, 9, mtime=0))


def make() -> None:
    """Make the lists with the release's own functions, and print all rows."""
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    call_command("migrate", verbosity=0)

    # These are where the release has them.
    from catalog.tagging.editing import (  # type: ignore[import-not-found]
        add_facet,
        add_tag,
        tag_entry,
        untag_entry,
    )

    from accounts.models import User
    from catalog.editing.entries import change_entry
    from catalog.history import By as Author  # type: ignore[attr-defined]
    from catalog.importing.applying import import_text
    from catalog.models import Catalog, Entry, Tag
    from submissions import workflow
    from submissions.people import Actor
    from submissions.proposal import Proposal

    by = Author(credit="Ada", note="why")
    lists = {}
    for name in ("models", "tools"):
        text = (HERE / f"{name}.md").read_text()
        row = Catalog(slug=name, title=name.capitalize(), license="CC0-1.0")
        lists[name] = import_text(text, catalog=row, by=Author()).catalog
    models = lists["models"]
    facet = add_facet(catalog=models, name="Level", by=by)
    easy, hard = (add_tag(facet=facet, name=name, by=by) for name in ("easy", "hard"))

    def at(url: str) -> Entry:
        return Entry.objects.get(catalog=models, url=url)

    tag_entry(entry=at("https://papers.example.org/atom"), tag=easy, by=by)
    tag_entry(entry=at("https://code.example.org/atom"), tag=easy, by=by)
    tag_entry(entry=at("https://code.example.org/delta"), tag=hard, by=by)
    tag_entry(entry=at("https://beta.example.org"), tag=hard, by=by)
    topic = Tag.objects.get(
        facet__catalog=models, entry_tags__content_object=at("https://papers.example.org/beta")
    )
    untag_entry(entry=at("https://papers.example.org/beta"), tag=topic, by=by)
    change_entry(entry=at("https://gamma.example.org"), description="Stands apart.", by=by)
    change_entry(entry=at("https://demo.example.org/beta"), url="https://try.example.org/b", by=by)

    author = User.objects.create_user("ada", "ada@example.org")

    def propose(about: str, **fields: object) -> None:
        kind = fields.pop("kind", "edit")
        proposal = Proposal.from_json({"kind": kind, **fields})
        workflow.submit(
            catalog=models,
            actor=Actor(user=author),
            proposal=proposal,
            entry=at(about),
            consent=True,
        )

    propose("https://papers.example.org/atom", url="https://papers.example.org/atom2")
    propose("https://code.example.org/delta", url="https://code.example.org/delta2")
    propose("https://papers.example.org/beta", url="https://papers.example.org/beta2")
    propose("https://papers.example.org/zeta", add_tags=["level:hard"])
    propose("https://code.example.org/zeta", kind="remove", reason="Removed.")
    propose("https://gamma.example.org", description="Stands for itself.")
    propose("https://vendor.example.org", url="https://vendor.example.org/new")
    call_command("dumpdata", "catalog", "submissions", "accounts", exclude=DERIVED)


if __name__ == "__main__":
    make() if "--there" in sys.argv else main()
