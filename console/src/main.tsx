import { render } from "preact";
import { App } from "./app.tsx";
import { begin } from "./live/begin.ts";
import { applyTheme } from "./shell/theme-button.tsx";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/content.css";
import "./styles/now.css";
import "./styles/tasks.css";
import "./styles/workflow.css";
import "./styles/trace.css";
import "./styles/places.css";

applyTheme();
const root = document.getElementById("app");
if (root === null) throw new Error("the page has no element #app");
render(<App />, root);
void begin();
