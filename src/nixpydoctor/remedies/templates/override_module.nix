@dist@.mkDerivation = {
  buildInputs = [
@libraries@
  ];
};
