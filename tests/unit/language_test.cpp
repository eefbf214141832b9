#include "core/language.hpp"

#include "tests/support/catch.hpp"

using namespace dubber;

TEST_CASE("languages have the codes and names that players show") {
  CHECK(iso639_2("es") == "spa");
  CHECK(iso639_2("pt-BR") == "por");
  CHECK(iso639_2("pt_BR") == "por");
  CHECK(iso639_2("DE") == "deu");
  CHECK(iso639_2("hin") == "hin");
  CHECK(iso639_2("zu") == "zul");
  for (auto unknown : {"", "x", "xx", "en1", "klingon", "-es"})
    CHECK(iso639_2(unknown) == "und");
  CHECK(language_name("fr-CA") == "French");
  CHECK(language_name("klingon") == "klingon");
}
