packages.@system@.python = import ./@file@ { pkgs = @nixpkgs@.legacyPackages.@system@; };
