// The window in which turns become a story, a rule or a test story.

const by = (id) => document.getElementById(id);

let current = null;
let asked = 0;

/**
 * Opens the window.
 * @param {{ask: Function, first: number, last: number, total: number}} about which turns
 */
export function openStory(about) {
  current = about;
  by("story-first").value = about.first;
  by("story-last").value = about.last;
  by("story-first").max = about.total;
  by("story-last").max = about.total;
  by("story-name").value = "";
  by("story").showModal();
  tell();
}

async function tell() {
  asked += 1;
  const mine = asked;
  const kind = document.querySelector("#story input[name=kind]:checked").value;
  // A rule is about one turn.
  by("story-last").disabled = kind === "rule";
  const first = Number(by("story-first").value);
  const last = kind === "rule" ? first : Number(by("story-last").value);
  by("story-done").textContent = "";
  let told = { yaml: "", notes: [], file: "", problem: "There are no such turns." };
  if (first >= 1 && first <= last && last <= current.total) {
    try {
      told = await current.ask({ kind, first, last, name: by("story-name").value });
    } catch (error) {
      told.problem = error.message || "It could not be made.";
    }
  }
  if (mine !== asked) return;
  by("story-problem").textContent = told.problem ?? "";
  by("story-yaml").textContent = told.yaml;
  by("story-notes").replaceChildren(...told.notes.map((note) => Object.assign(document.createElement("li"), { textContent: note })));
  by("story-copy").hidden = by("story-download").hidden = !told.yaml;
  by("story-download").download = told.file;
  by("story-download").href = told.yaml ? `data:text/yaml;charset=utf-8,${encodeURIComponent(told.yaml)}` : "";
}

by("story-form").addEventListener("input", tell);
by("story-form").addEventListener("submit", (event) => event.preventDefault());
by("story-close").addEventListener("click", () => by("story").close());

by("story-copy").addEventListener("click", async () => {
  const text = by("story-yaml").textContent;
  try {
    await navigator.clipboard.writeText(text);
    by("story-done").textContent = "Copied.";
  } catch {
    // Without https, browsers give no clipboard: it is marked, to be copied by hand.
    getSelection().selectAllChildren(by("story-yaml"));
    by("story-done").textContent = "Marked: copy it with Ctrl+C.";
  }
});
