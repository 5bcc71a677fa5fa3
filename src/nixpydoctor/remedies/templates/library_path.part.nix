LD_LIBRARY_PATH = pkgs.lib.makeLibraryPath [
@libraries@
];
