//! Imports what it is told to, and prints of an error what most programs with PyO3 print: the outermost one alone.

use pyo3::prelude::*;

fn main() {
    let mut failed = false;
    Python::with_gil(|py| {
        for name in std::env::args().skip(1) {
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
