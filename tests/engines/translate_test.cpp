#include "tests/engines/running.hpp"

#include <signal.h>
#include <unistd.h>

#include <future>

using namespace dubber;
using namespace dubber::test;

namespace {

json question(const std::string& text, const std::string& to = "es",
              const std::string& from = "en") {
  return {{"text", text}, {"source_lang", from}, {"target_lang", to}};
}

std::string translated(int port, const std::string& text,
                       const std::string& to = "es") {
  auto answer = post(port, "/translate", question(text, to));
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  return answer.parsed()["translated_text"];
}

} // namespace

TEST_CASE("translate: the contract, pairs and mistakes") {
  running engine{"translate"};
  auto port = engine.port();
  auto pairs = get(port, "/languages").parsed()["pairs"];
  CHECK(std::find(pairs.begin(), pairs.end(),
                  json{{"source", "en"}, {"target", "fr"}})
        != pairs.end());
  CHECK(translated(port, "Good morning.") == "Buenos días.");
  CHECK(translated(port, "I see the house.", "fr").find("maison")
        != std::string::npos);
  // As a recogniser writes it: names in small letters.
  CHECK(translated(port, "I met him on monday in paris.").find("lunes en París")
        != std::string::npos);
  CHECK(post(port, "/translate", question("as it is", "en-GB", "en")).parsed()
        == json{{"translated_text", "as it is"}});
  CHECK(translated(port, " \n").find_first_not_of(" \n") == std::string::npos);
  CHECK_FALSE(translated(port, "A", "eo").empty());

  auto hindi = post(port, "/translate", question("x", "hi"));
  CHECK(hindi.status == 422);
  CHECK(hindi.parsed()["error"].get<std::string>()
        == "unsupported language pair en-hi: from en this service translates "
           "to ca, eo, es, fr, it, pt, pt-br");
  CHECK(post(port, "/translate", question("x", "es", "xx"))
          .body.find("the source is one of ca, en,")
        != std::string::npos);
  for (auto& wrong :
       {json{{"text", "x"}}, json{{"text", 1}}, json::object(), json::array(),
        question("x", "../../etc"), question(std::string(50'001, 'x'))}) {
    auto answer = post(port, "/translate", wrong);
    INFO(wrong.dump().substr(0, 100));
    CHECK(answer.status == 422);
    CHECK(answer.parsed().contains("detail"));
    CHECK(answer.parsed()["error"].is_string());
  }
  CHECK(post(port, "/translate", std::string{"\xff{"}).status == 422);
  CHECK(post(port, "/translate", std::string(100'000, '[')).status == 422);
  CHECK(post(port, "/translate", question(std::string(1 << 20, 'x'))).status
        == 413);
}

TEST_CASE("translate: hostile text comes through") {
  running engine{"translate"};
  auto port = engine.port();
  for (std::string text :
       {"[", "]", "^", "$", "\\", "\\\\\\", "<b>", "{}", "@", "[[t:b:X]]",
        "https://example.com/?q=[1]", "שלום", "\u202eabc"})
    CHECK(translated(port, text) == text);
  CHECK(translated(port, "one\n\ntwo\n").find("\n\n") != std::string::npos);
  CHECK(translated(port, {"house\0.", 7}) == "Casa.");
  std::string control;
  for (char c = 1; c < 32; ++c)
    control += std::string{"house "} + c;
  CHECK(translated(port, control).find("casa") != std::string::npos);
  std::string word(50'000, 'w');
  CHECK(translated(port, word) == word);
  std::string words;
  while (words.size() + 6 <= 50'000)
    words += "house ";
  CHECK(translated(port, words).size() > 40'000);
  std::string signs;
  for (size_t i = 0; i < 50'000; ++i)
    signs += "[]{}^$/\\@<> *#."[i * i % 15];
  translated(port, signs);
  CHECK(translated(port, "Good morning.") == "Buenos días.");
}

TEST_CASE("translate: a pipeline that dies is started again") {
  running engine{"translate"};
  auto port = engine.port();
  CHECK(translated(port, "Good morning.") == "Buenos días.");
  auto groups = child_groups(::getpid());
  REQUIRE(groups.size() == 2); // the analyser and the translator
  for (auto group : groups)
    ::kill(-group, SIGKILL);
  CHECK(translated(port, "Good morning.") == "Buenos días.");
  // One program of each, whichever it is.
  for (size_t at : {0, 5, 10}) {
    for (auto group : child_groups(::getpid()))
      if (auto all = members(group); !all.empty())
        ::kill(all[at % all.size()], SIGKILL);
    CHECK(translated(port, "Good morning.") == "Buenos días.");
  }
}

TEST_CASE("translate: many at once share few pipelines") {
  running engine{"translate", [](auto& options) {
                   options.workers = 2;
                 }};
  std::vector<std::future<int>> asked;
  for (int i = 0; i < 16; ++i)
    asked.push_back(std::async(std::launch::async, [&, i] {
      int good = 0;
      for (int k = 0; k < 4; ++k) {
        auto text = "The house has " + std::to_string(100 * i + k) + " doors.";
        auto answer = post(engine.port(), "/translate", question(text));
        good += answer.body.find(std::to_string(100 * i + k) + " puertas")
                != std::string::npos;
      }
      return good;
    }));
  for (auto& x : asked)
    CHECK(x.get() == 4);
  CHECK(child_groups(::getpid()).size() <= 4);
}
