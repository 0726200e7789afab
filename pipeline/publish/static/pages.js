// Switches on what GOV.UK Frontend adds where scripts run: the menu of narrow screens.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
window.GOVUKFrontend.initAll();
