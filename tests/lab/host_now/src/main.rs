//! The program of `../host` with the PyO3 of today, whose functions have other names.

use pyo3::prelude::*;

fn main() {
    let mut failed = false;
    Python::attach(|py| {
        for name in std::env::args().skip(1) {
            if name.ends_with(".py") {
                let text = std::fs::read_to_string(&name).expect("a file that can be read");
                let code = std::ffi::CString::new(text).expect("a text without NUL");
                py.run(&code, None, None).expect("code that runs");
                continue;
            }
            match py.import(name.as_str()) {
                Ok(_) => println!("imported {name}"),
                Err(error) => {
                    failed = true;
                    println!("ERROR: import error: Failed to import {name}: {error}");
                }
            }
        }
    });
    if failed {
        std::process::exit(1);
    }
}
