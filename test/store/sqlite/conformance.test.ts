import { describeStore } from "../conformance.ts";
import { openSqlite } from "./open-sqlite.ts";

describeStore("SQLite", openSqlite);
