//! Imports what it is told to, and prints of an error what most programs with PyO3 print: the outermost one alone.
//! A file of Python code is run.

use pyo3::prelude::*;

fn main() {
    let mut failed = false;
    Python::with_gil(|py| {
        for name in std::env::args().skip(1) {
            if name.ends_with(".py") {
                let code = std::fs::read_to_string(&name).expect("a file that can be read");
                py.run_bound(&code, None, None).expect("code that runs");
                continue;
            }
            match py.import_bound(name.as_str()) {
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
