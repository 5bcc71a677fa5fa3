LD_LIBRARY_PATH = @let@pkgs.lib.makeLibraryPath [
@libraries@
];
