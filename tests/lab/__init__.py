"""The lab: a real Nix store, real wheels and real loaders judge what the tool predicts. See docs/explanation/lab.md."""
