// Runs before the first paint, which a module does not: a dark page never begins with a white flash.
try {
  const theme = localStorage.getItem("edgewise-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is refused: the page looks as the system does.
}
