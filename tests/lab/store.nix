# A real Nix store made from what this machine has: no substituter, no nixpkgs, no network.
#
# Every derivation runs the host's own tools, so the inputs are the host's C library source, its Pythons and its
# shared libraries; what comes out is bound to the store's C library and to nothing else. `store.py` supplies the
# arguments and keeps the results rooted.
{
  glibcSource, # a tarball of glibc
  glibcVersion, # its version, "2.36"
  python312, # prefix of a relocatable CPython 3.12
  version312, # "3.12.1"
  python311,
  version311,
  # Others that programs embed; empty where this machine has none.
  python39 ? "",
  version39 ? "",
  python310 ? "",
  version310 ? "",
  python313 ? "",
  version313 ? "",
}:
let
  optional = digits: minor: full: prefix: if prefix == "" then { } else {
    ${"nixPython" + digits} = python { version = minor; inherit full prefix; };
  };

  build =
    name: script: attrs:
    derivation (
      {
        inherit name;
        system = builtins.currentSystem;
        builder = "/bin/bash";
        args = [ "-euo" "pipefail" script ];
        PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
      }
      // attrs
    );

  # Byte code and what pip installed are no part of the Python that we want, and would change its hash.
  pythonSource =
    name: prefix:
    builtins.path {
      name = "${name}-source";
      path = /. + prefix;
      filter =
        path: type:
        !(builtins.elem (baseNameOf path) [ "__pycache__" "site-packages" "test" "idlelib" "turtledemo" "share" ])
        && builtins.match ".*/config-[^/]*-linux-gnu" path == null;
    };

  # The C library, configured for its own store path: own folder of libraries, own cache, blind to /etc and /usr/lib.
  # `node` renames its newest version node, so that objects made with it want more than the other one has.
  glibc =
    attrs:
    build "glibc-${attrs.version}" ./store/glibc.sh (
      {
        src = /. + glibcSource;
        node = "";
        trusted = "";
      }
      // attrs
    );

  libs =
    name: libc: wanted:
    build name ./store/libs.sh {
      glibc = libc;
      inherit library wanted;
    };
  library = ./store/library.sh;

  python =
    {
      version,
      full,
      prefix,
    }:
    let
      src = pythonSource "python${version}" prefix;
    in
    build "python3-${full}" ./store/python.sh {
      inherit src version zlib;
      glibc = old;
      pythonLibs = build "python${version}-libs" ./store/python-libs.sh {
        inherit src zlib library version;
        glibc = old;
      };
      sitecustomize = ./store/sitecustomize.py;
    };

  # What `python3.withPackages` makes: a farm of links with a wrapper in bin. Both of nixpkgs' generations.
  withPackages =
    generation: base: version: packages:
    build "python3-${version}-env" ./store/with-packages.sh {
      inherit generation version packages;
      python = base;
      glibc = old;
      wrapper = ./store/wrapper.c;
    };

  # The same Python as a download: an interp of the distributions, its libraries beside it, found by $ORIGIN.
  standalone =
    version: full: prefix:
    build "standalone-${full}" ./store/standalone.sh {
      inherit version library;
      src = pythonSource "python${version}" prefix;
    };

  old = glibc { version = glibcVersion; };
  new = glibc {
    version = "2.99";
    node = "2.99";
    trusted = "${libgcc}/lib";
  };
  libgcc = build "libgcc" ./store/libgcc.sh { };
  zlib = libs "zlib" old "libz.so.1";
  gccLib = libs "gcc-lib" old "libstdc++.so.6 libgcc_s.so.1 libgomp.so.1 libatomic.so.1";
  gfortranLib = libs "gfortran-lib" old "libgfortran.so.5 libquadmath.so.0 libgcc_s.so.1";
in
rec {
  inherit zlib libgcc gccLib gfortranLib;
  glibc = old;
  glibcNew = new;

  nixPython312 = python {
    version = "3.12";
    full = version312;
    prefix = python312;
  };
  nixPython311 = python {
    version = "3.11";
    full = version311;
    prefix = python311;
  };
  standalone312 = standalone "3.12" version312 python312;
  standalone311 = standalone "3.11" version311 python311;

  # A package as nixpkgs builds it: an extension whose runpath names every library it needs.
  labtally312 = build "python3.12-labtally-1.0" ./store/labtally.sh {
    python = nixPython312;
    version = "3.12";
    glibc = old;
    inherit gccLib zlib;
    source = ./store/labtally.cc;
  };
  envOld312 = withPackages "variables" nixPython312 "3.12" [ labtally312 ];
  envNew312 = withPackages "argv0" nixPython312 "3.12" [ labtally312 ];

  # A library that only the newer C library can carry: it uses a symbol of the newest node.
  labfresh = build "labfresh-1.0" ./store/labfresh.sh {
    glibc = new;
    node = "2.99";
  };

  busybox = build "busybox" ./store/busybox.sh { };
  bash = build "bash" ./store/program.sh {
    inherit library;
    glibc = old;
    program = "bash";
  };

  # What NixOS puts at the FHS interp: a message, or nix-ld.
  stubLd = build "stub-ld" ./store/static.sh {
    source = ./shim/stub-ld.c;
    target = "bin/ld.so";
  };
  nixLd = build "nix-ld" ./store/static.sh {
    source = ./shim/nix-ld.c;
    target = "libexec/nix-ld";
  };
  # The folder that NixOS' module makes of its list of libraries (the part of the list that this machine has).
  nixLdLibraries = build "nix-ld-libraries" ./store/farm.sh {
    paths = [ zlib gccLib (libs "nix-ld-rest" old "libzstd.so.1 libcurl.so.4 libssl.so.3 libcrypto.so.3 libbz2.so.1.0 libxml2.so.2 liblzma.so.5 libuuid.so.1 libattr.so.1 libacl.so.1 libsystemd.so.0") ];
    folder = "share/nix-ld/lib";
    glibc = old;
  };
  nixLdFewLibraries = build "nix-ld-few-libraries" ./store/farm.sh {
    paths = [ zlib ];
    folder = "share/nix-ld/lib";
    glibc = old;
  };

  # The /usr of an FHS environment with the base that every such environment has.
  fhsUsr = build "fhs-env-usr" ./store/farm.sh {
    paths = [ old gccLib zlib busybox bash (libs "fhs-rest" old "liblzma.so.5 libbz2.so.1.0") ];
    folder = "lib";
    glibc = "";
  };
}
// optional "39" "3.9" version39 python39
// optional "310" "3.10" version310 python310
// optional "313" "3.13" version313 python313
