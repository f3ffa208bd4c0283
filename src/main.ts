#!/usr/bin/env node
import { serveCommand } from "./serve.ts";
import { Command } from "commander";

const program = new Command("sitq").description("durable tasks for a team of microservices").addCommand(serveCommand());
await program.parseAsync();
