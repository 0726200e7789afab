// Switches on what GOV.UK Frontend adds where scripts run: the menu of narrow screens.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
window.GOVUKFrontend.initAll();
// What an address points at is shown, also by browsers that leave it folded.
function unfold() {
  const target = document.getElementById(location.hash.slice(1));
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  if (target) target.scrollIntoView();
}
addEventListener("hashchange", unfold);
if (location.hash) unfold();
