// A text that is written by hand: numbered lines, colours, and faults where they are. Without it the box below it does.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const box = document.querySelector("textarea[data-editor]");

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: ".8125rem" },
  ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", lineHeight: "1.55", minHeight: "24rem", maxHeight: "calc(100vh - 15rem)", overflow: "auto" },
  ".cm-content": { padding: ".6rem 0", caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--faint)", color: "var(--soft)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 .6rem 0 .9rem" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection": { backgroundColor: "var(--h4) !important" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--loss)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--loss)" },
});
const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--accent-ink)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.string, tags.content], color: "var(--ink)" },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: "var(--soft)" },
]);

function faults(state) {
  return [...document.querySelectorAll("#checked [data-line]")].flatMap(({ dataset: { line, says } }) => {
    if (!line || Number(line) > state.doc.lines) return [];
    const { from, to, text } = state.doc.line(Number(line));
    return [{ from: from + text.search(/\S|$/), to, severity: "error", message: says }];
  });
}

function open() {
  const view = new EditorView({
    doc: box.value,
    extensions: [
      history(), keymap.of([...defaultKeymap, ...historyKeymap]), drawSelection(), highlightSpecialChars(), lineNumbers(), EditorView.lineWrapping,
      lintGutter(), yaml(), look, syntaxHighlighting(colours), EditorView.cspNonce.of(box.dataset.nonce),
      EditorView.contentAttributes.of({ "aria-label": box.labels[0].textContent, spellcheck: "false", tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        box.value = update.state.doc.toString();
        box.dispatchEvent(new Event("input", { bubbles: true })); // checked, and not lost by a click elsewhere
      }),
    ],
  });
  const told = () => view.dispatch(setDiagnostics(view.state, faults(view.state)));
  box.before(view.dom);
  box.hidden = true;
  document.addEventListener("htmx:after:swap", told);
  document.addEventListener("click", (event) => {
    const to = event.target.closest("[data-go-to]");
    if (!to) return;
    const line = view.state.doc.line(Math.min(Number(to.dataset.goTo), view.state.doc.lines));
    view.dispatch({ selection: { anchor: line.to, head: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    view.focus();
  });
  told();
}

if (box) open();
