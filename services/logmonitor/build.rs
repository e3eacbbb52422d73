//! Embeds the built dashboard (`dashboard/dist`) into the binary, or nothing where it was not built. Tells the linker
//! what of librdkafka's is replaced (`src/kafka/leader_hints.rs`).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // The linkers of other systems cannot.
    if variable("CARGO_CFG_TARGET_OS")? == "linux" {
        println!("cargo::rustc-link-arg=-Wl,--wrap=rd_kafka_metadata_update_op");
    }
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let dist = manifest.join("../../dashboard/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &mut files)?;
        files.sort();
    }
    // The files are copied, so that a build of the dashboard at the same time cannot take them away.
    let out = PathBuf::from(variable("OUT_DIR")?);
    let mut code = String::from("const FILES: &[File] = &[\n");
    for (number, file) in files.iter().enumerate() {
        let path = file.strip_prefix(&dist).map_err(io::Error::other)?;
        let url = path.to_string_lossy().replace('\\', "/");
        let copy = out.join(format!("dashboard-{number}"));
        fs::copy(file, &copy)?;
        // Writing into a String cannot fail.
        writeln!(
            code,
            "    File {{ path: {url:?}, bytes: include_bytes!({copy:?}) }},"
        )
        .map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    fs::write(out.join("dashboard.rs"), code)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn variable(name: &str) -> io::Result<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how cargo talks to a build script"
    )]
    env::var(name).map_err(io::Error::other)
}
