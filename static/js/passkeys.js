// Passkeys: their buttons appear where the browser knows passkeys, and what goes wrong is said on the page.
(() => {
  const says = document.querySelector("[data-passkeys]");
  if (!says) return;
  if (!window.PublicKeyCredential) {
    says.textContent = says.dataset.unsupported;
    return;
  }
  says.textContent = "";
  document.getElementById("passkey").hidden = false;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    says.textContent = says.dataset.failed;
  });
})();
