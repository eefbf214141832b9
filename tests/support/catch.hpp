#pragma once

/// The one place that knows two versions of Catch2.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#ifdef CATCH_CONFIG_MAIN
int main(int argc, char* argv[]) {
  return Catch::Session().run(argc, argv);
}
#endif
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
