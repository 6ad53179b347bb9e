// Choosing tickets: buttons for one more and one less, the running total, and the choice in the page's address,
// so that it survives a reload and the way back. The server counts again and for good.
(() => {
  const form = document.querySelector("form[data-choice]");
  if (!form) return;
  const words = form.dataset;
  const inputs = [...form.querySelectorAll("input[data-amount]")];
  const sum = form.querySelector("[data-sum]");
  const digits = Number(words.digits);

  // The server gives an example of how it writes money: a browser that knows better would show another total.
  const [, before, example, after] = words.money.match(/^(\D*)(\d.*\d)(\D*)$/);
  const separators = example.match(/\D/g);
  const money = (amount) => {
    const figures = String(amount).padStart(digits + 1, "0");
    const whole = figures.slice(0, figures.length - digits).replace(/\B(?=(\d{3})+$)/g, separators[0]);
    return before + whole + (digits ? separators.at(-1) + figures.slice(-digits) : "") + after;
  };

  const count = (input) => (/^[0-9]{1,4}$/.test(input.value.trim()) ? Number(input.value) : 0);
  const chosen = () => inputs.reduce((all, input) => all + count(input), 0);

  const show = () => {
    const total = inputs.reduce((all, input) => all + count(input) * Number(input.dataset.amount), 0);
    const places = chosen();
    const amount = document.createElement("strong");
    amount.textContent = total ? money(total) : words.free;
    const text = places === 1 ? words.one : words.many.replace("{count}", places);
    sum.replaceChildren(...(places ? [`${text}, `, amount] : [words.none]));
    if (places > Number(words.most)) sum.append(` ${words.limit}`);
    inputs.forEach((input) => {
      const [fewer, more] = input.parentElement.querySelectorAll("button");
      fewer.disabled = count(input) === 0;
      more.disabled = places >= Number(words.most);
    });
  };

  const remember = () => {
    const query = new URLSearchParams();
    inputs.filter(count).forEach((input) => query.set(input.name, count(input)));
    history.replaceState(history.state, "", query.size ? `${words.page}?${query}` : words.page);
  };

  const step = (input, by, text) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "outline";
    made.textContent = by > 0 ? "+" : "−";
    made.setAttribute("aria-label", `${text}: ${input.labels[0].textContent.trim().split("\n")[0]}`);
    made.addEventListener("click", () => {
      input.value = Math.max(0, count(input) + by);
      show();
      remember();
    });
    return made;
  };

  inputs.forEach((input) => {
    input.before(step(input, -1, words.fewer));
    input.after(step(input, 1, words.more));
    input.parentElement.classList.add("ready");
    input.addEventListener("input", () => { show(); remember(); });
    input.addEventListener("focus", () => input.select());
  });

  // A page that comes back from the browser's memory holds a key that was used: a new choice needs a new one.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    const random = crypto.getRandomValues(new Uint8Array(24));
    form.querySelector("[data-key]").value = btoa(String.fromCharCode(...random)).replaceAll("+", "-").replaceAll("/", "_");
    show();
  });

  sum.hidden = false;
  show();
})();
