//! The program under the conformance kit: conformance/README.md says what it is to do.

mod arguments;
mod producer;
mod worker;

use std::process::ExitCode;

use arguments::Mode;
use serde_json::Value;

#[tokio::main]
async fn main() -> ExitCode {
    let mode = match arguments::parse(std::env::args().skip(1)) {
        Ok(mode) => mode,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let code = match mode {
        Mode::Worker(options) => worker::run(options).await,
        Mode::Producer(options) => producer::run(options).await,
    };
    ExitCode::from(code)
}

/// Prints an event: a line of JSON, flushed at once.
pub fn say(event: Value) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // A judge that has gone reads nothing.
    let _ = writeln!(out, "{event}").and_then(|()| out.flush());
}

/// The name of a status as the contract writes it: `RESOURCE_EXHAUSTED`.
pub fn code_name(code: tonic::Code) -> String {
    let name = format!("{code:?}");
    let mut words = String::new();
    for (index, letter) in name.char_indices() {
        if index > 0 && letter.is_uppercase() {
            words.push('_');
        }
        words.push(letter.to_ascii_uppercase());
    }
    words
}
