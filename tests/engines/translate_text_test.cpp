#include "engines/translate/capitals.hpp"
#include "engines/translate/routes.hpp"
#include "engines/translate/text.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;

namespace {

route_table all() {
  auto modes = route_table::known_modes();
  return route_table{{modes.begin(), modes.end()}};
}

} // namespace

TEST_CASE("apertium: text survives the stream format") {
  CHECK(to_stream("a[b]") == "a\\[b\\].[]");
  CHECK(from_stream(to_stream("x {y} ^$/@ <z>\nnext"))
        == "x {y} ^$/@ <z>\nnext");
  CHECK(from_stream(" hombre bueno , y  ya.[]") == "hombre bueno, y ya");
  CHECK(to_stream(std::string_view{"a\0b\tc", 5}) == "a b c.[]");
  std::string odd;
  for (int i = 0; i < 500; ++i)
    odd += "[]{}^$/\\@<>*#"[i * 7 % 13];
  CHECK(from_stream(to_stream(odd)) == odd);
  CHECK(to_stream("b " + odd).starts_with("b ["));
  CHECK(from_stream("\\") == "\\");
  CHECK(from_stream("").empty());
}

TEST_CASE("apertium: a mode's pipeline talks NUL-terminated") {
  auto mode
    = pipeline("lt-proc -w '/x y/a' | tagger -g $2 'b'|lt-proc $1 'c'\n");
  CHECK(mode
        == std::vector<program>{{"lt-proc", "-z", "-w", "/x y/a"},
                                {"tagger", "-z", "-g", "b"},
                                {"lt-proc", "-z", "-n", "c"}});
  CHECK(analyser(mode) == std::vector<program>{mode[0]});
  CHECK(analyser({{"cg-proc", "x"}}).empty());
  for (auto* odd : {"", "| x", "lt-proc 'a' |", "$(x) | y", "`x`"})
    CHECK(pipeline(odd).empty());
}

TEST_CASE("apertium: routes are direct or meet in Spanish") {
  auto table = all();
  using names = std::vector<std::string>;
  CHECK(table.route("en", "es") == names{"eng-spa"});
  CHECK(table.route("en", "fr") == names{"eng-spa", "es-fr"});
  CHECK(table.route("pt", "en") == names{"pt-es", "spa-eng"});
  CHECK(table.route("en", "hi").empty());
  CHECK(table.route("en", "en").empty());
  CHECK(table.route("es", "es").empty());
  CHECK(table.route("", "").empty());
  CHECK(table.targets("en")
        == names{"ca", "eo", "es", "fr", "it", "pt", "pt-br"});
  route_table some{{"eng-spa"}};
  CHECK(some.pairs()
        == std::vector<std::pair<std::string, std::string>>{{"en", "es"}});
}

TEST_CASE("apertium: language tags") {
  auto table = all();
  CHECK(table.normal_language("EN-us") == "en");
  CHECK(table.normal_language("pt_BR") == "pt-br");
  CHECK(table.normal_language("pt-PT") == "pt");
  CHECK(table.normal_language("hin") == "hin");
  for (auto* odd : {"", "../x", "e", "english", "e1", "-", "\xc3\xa9s"})
    CHECK(table.normal_language(odd).empty());
}

TEST_CASE("capitals: a word that is known only with one gets it") {
  auto words = unknown_words("^on/on<pr>$ ^monday/*monday$, ^Xyz/*Xyz$ "
                             "\\^no/unit ^blorp/*blorp$ ^i/*i$ ^don't/*don't$");
  CHECK(words == std::set<std::string>{"monday", "blorp", "i"});
  CHECK(capitalised_lines(words) == "Blorp.\nI.\nMonday.\n");
  auto known
    = known_with_capital(words, "^Blorp/*Blorp$^./.<sent>$[\\n]^Monday/"
                                "Monday<n><sg>$^./.<sent>$");
  CHECK(known == std::set<std::string>{"monday"});
  CHECK(with_capitals("monday, mondays and (monday) ümonday", known)
        == "Monday, mondays and (Monday) ümonday");
  CHECK(unknown_words("^a/").empty());
  CHECK(unknown_words("^").empty());
}
