// How the server writes money: moneyLike("€1,234,567.89", 2)(8400) is "€84.00". The server gives an example, since a
// browser that knows better would show another total.
window.moneyLike = (example, digits) => {
  const [, before, middle, after] = example.match(/^(\D*)(\d.*\d)(\D*)$/);
  const separators = middle.match(/\D/g);
  return (amount) => {
    const figures = String(amount).padStart(digits + 1, "0");
    const whole = figures.slice(0, figures.length - digits).replace(/\B(?=(\d{3})+$)/g, separators[0]);
    return before + whole + (digits ? separators.at(-1) + figures.slice(-digits) : "") + after;
  };
};
