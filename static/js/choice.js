// Choosing tickets: buttons for one more and one less, the running total, and the choice in the page's address,
// so that it survives a reload and the way back. The server counts again and for good.
//
// A form may also hold seats, each in an element with data-seat: a field named seat_<place> whose value is a price.
(() => {
  const count = (input) => (/^[0-9]{1,4}$/.test(input.value.trim()) ? Number(input.value) : 0);

  const begin = (form) => {
    const words = form.dataset;
    const money = window.moneyLike(words.money, Number(words.digits));
    const inputs = [...form.querySelectorAll("input[data-amount][type=number]")];
    const sum = form.querySelector("[data-sum]");
    const seats = () => [...form.querySelectorAll("[data-seat] [name^=seat_]")];
    const amount = (field) => Number((field.selectedOptions?.[0] || field).dataset.amount);

    const small = (text) => Object.assign(document.createElement("small"), { textContent: text });

    const show = () => {
      const quantities = inputs.reduce((all, input) => all + count(input) * Number(input.dataset.amount), 0);
      const tickets = seats().reduce((all, field) => all + amount(field), quantities);
      const total = tickets && tickets + Number(words.bookingFee || 0); // once, unless all of them are free
      const places = inputs.reduce((all, input) => all + count(input), seats().length);
      const strong = document.createElement("strong");
      strong.textContent = total ? money(total) : words.free;
      const text = places === 1 ? words.one : words.many.replace("{count}", places);
      sum.replaceChildren(...(places ? [`${text}, `, strong] : [words.none]));
      if (total && words.includes) sum.append(" ", small(words.includes));
      if (places > Number(words.most)) sum.append(` ${words.limit}`);
      form.dataset.places = places;
      inputs.forEach((input) => {
        const [fewer, more] = input.parentElement.querySelectorAll("button");
        fewer.disabled = count(input) === 0;
        more.disabled = places >= Number(words.most);
      });
    };

    const remember = () => {
      const query = new URLSearchParams(location.search);
      const mine = ([name]) => inputs.some((input) => input.name === name) || ("seats" in words && name.startsWith("seat_"));
      [...query].filter(mine).forEach(([name]) => query.delete(name));
      inputs.filter(count).forEach((input) => query.set(input.name, count(input)));
      seats().forEach((field) => query.set(field.name, field.value));
      history.replaceState(history.state, "", (query.size ? `${words.page}?${query}` : words.page) + location.hash);
    };

    const changed = () => { show(); remember(); };

    const step = (input, by, text) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "outline";
      made.textContent = by > 0 ? "+" : "−";
      made.setAttribute("aria-label", `${text}: ${input.labels[0].textContent.trim().split("\n")[0]}`);
      made.addEventListener("click", () => {
        input.value = Math.max(0, count(input) + by);
        changed();
      });
      return made;
    };

    inputs.forEach((input) => {
      input.before(step(input, -1, words.fewer));
      input.after(step(input, 1, words.more));
      input.parentElement.classList.add("ready");
      input.addEventListener("focus", () => input.select());
    });
    form.addEventListener("input", changed);
    form.addEventListener("choice:changed", changed); // seats came or went

    // A page that comes back from the browser's memory holds a key that was used: a new choice needs a new one.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      const random = crypto.getRandomValues(new Uint8Array(24));
      form.querySelector("[data-key]").value = btoa(String.fromCharCode(...random)).replaceAll("+", "-").replaceAll("/", "_");
      show();
    });

    sum.hidden = false;
    show();
  };

  document.querySelectorAll("form[data-choice]").forEach(begin);
})();
