#!/usr/bin/env node
import { Command } from "commander";
import { serveCommand } from "./serve.ts";

const program = new Command("sitq").description("durable tasks for a team of microservices").addCommand(serveCommand());
await program.parseAsync();
