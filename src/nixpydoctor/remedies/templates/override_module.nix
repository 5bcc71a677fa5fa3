@dist@.mkDerivation = {
  nativeBuildInputs = [ config.deps.autoPatchelfHook ];
  buildInputs = [
@libraries@
  ];
};
