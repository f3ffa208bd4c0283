//! Writes the stubs of the contract: `generate DESCRIPTORS DIRECTORY`, where the first is a FileDescriptorSet with all imports.

use std::{env, error::Error, fs};

use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [descriptors, directory] = arguments.as_slice() else {
        return Err("expected: generate DESCRIPTORS DIRECTORY".into());
    };
    let set = FileDescriptorSet::decode(fs::read(descriptors)?.as_slice())?;
    fs::create_dir_all(directory)?;
    tonic_prost_build::configure()
        .build_server(false)
        .out_dir(directory)
        // The standard message of google.rpc, once in a program.
        .extern_path(".google.rpc.Status", "::tonic_types::Status")
        .bytes(".")
        .compile_fds(set)?;
    Ok(())
}
