// Solves the proof of work of a form: the number whose SHA-256, with the challenge's nonce and salt,
// begins as the challenge says. In small steps, so that typing stays smooth; nobody else is asked.
(() => {
  const STEP_MS = 12;

  const PRIMES = [];
  for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
  const H = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  const W = new Int32Array(64);
  const rotate = (x, by) => (x >>> by) | (x << (32 - by));

  // SHA-256 of a message that fits into one block, given as its 16 padded words.
  const digest = (words, out) => {
    W.set(words);
    for (let i = 16; i < 64; i++) {
      const a = W[i - 15], b = W[i - 2];
      W[i] =
        (W[i - 16] + W[i - 7] +
          (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) +
          (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let i = 0; i < 64; i++) {
      const one =
        (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const two =
        ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0;
      d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (out[i] = (word + H[i]) | 0));
  };

  const words = (hex) =>
    Int32Array.from(hex.match(/.{8}/g) ?? [], (part) => parseInt(part, 16) | 0);
  const hex = (out) =>
    Array.from(out, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

  // Salt, nonce and the number, then the padding of a message of 36 bytes.
  const solve = ({ salt, nonce, keyPrefix }, done) => {
    const message = new Int32Array(16);
    message.set(words(salt), 0);
    message.set(words(nonce), 4);
    message[9] = 0x80000000 | 0;
    message[15] = 36 * 8;
    const wanted = words(keyPrefix);
    const out = new Int32Array(8);
    let counter = 0;
    const step = () => {
      const end = performance.now() + STEP_MS;
      do {
        for (let i = 0; i < 500; i++, counter++) {
          message[8] = counter;
          digest(message, out);
          if (wanted.every((word, n) => word === out[n])) return done(counter, hex(out));
        }
      } while (performance.now() < end);
      setTimeout(step);
    };
    step();
  };

  const begin = (box) => {
    const field = box.querySelector("input[name=solution]");
    const state = box.querySelector(".challenge-state");
    const challenge = JSON.parse(box.dataset.challenge);
    const form = field.form;
    let waiting = null;
    state.textContent = box.dataset.working;
    // Sent too early, the form waits for the end of it.
    form?.addEventListener("submit", (event) => {
      if (field.value) return;
      event.preventDefault();
      waiting = event.submitter ?? undefined;
    });
    solve(challenge.parameters, (counter, derivedKey) => {
      field.value = btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
      state.textContent = box.dataset.done;
      if (waiting !== null) form.requestSubmit(waiting);
    });
  };

  document.querySelectorAll("[data-challenge]").forEach(begin);
})();
