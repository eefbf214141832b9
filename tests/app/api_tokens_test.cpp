#include "app/api_tokens.hpp"

#include "app/config.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

#include <sys/stat.h>

using namespace dubber;
using namespace std::literals;

namespace {

struct tokens_file {
  explicit tokens_file(const std::string& text, mode_t mode = 0640)
    : path(folder.write("tokens", text)) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }

  api_tokens good() const {
    auto loaded = api_tokens::load(path);
    if (auto bad = std::get_if<std::vector<std::string>>(&loaded))
      FAIL(bad->front());
    return std::get<api_tokens>(loaded);
  }

  /// Each starts with its line, where it has one.
  std::vector<std::string> bad() const {
    auto loaded = api_tokens::load(path);
    REQUIRE(std::holds_alternative<std::vector<std::string>>(loaded));
    return std::get<std::vector<std::string>>(loaded);
  }

  test::scratch folder;
  std::filesystem::path path;
};

} // namespace

TEST_CASE("tokens have names") {
  auto tokens = tokens_file{"# who may what\n"
                            "\n"
                            "alice:0123456789abcdef\n"
                            "  ci.deploy-1:AB-._~+/=0123456789\r\n"
                            "last:ffffffffffffffff"}
                  .good();
  CHECK(tokens.size() == 3);
  CHECK(tokens.owner("0123456789abcdef") == "alice");
  CHECK(tokens.owner("AB-._~+/=0123456789") == "ci.deploy-1");
  CHECK(tokens.owner("ffffffffffffffff") == "last");
  for (auto wrong : {"", "0123456789abcde", "0123456789abcdeF",
                     "0123456789abcdef ", "alice", "alice:0123456789abcdef"}) {
    INFO(wrong);
    CHECK(!tokens.owner(wrong));
  }
}

TEST_CASE("every mistake in the file, with its line") {
  auto mistakes = tokens_file{"alice:0123456789abcdef\n"
                              "no colon here\n"
                              "bob:short\n"
                              ":0123456789abcde0\n"
                              "bad name:0123456789abcde1\n"
                              "alice:0123456789abcde2\n"
                              "carol:0123456789abcdef\n"
                              "local:0123456789abcde3\n"
                              "dave:0123456789 abcdef\n"
                              "erin:0123456789abcd\xc3\xa9\n"
                              "good:0123456789abcde4\n"}
                    .bad();
  REQUIRE(mistakes.size() == 9);
  for (std::size_t i = 0; i < mistakes.size(); ++i)
    CHECK(mistakes[i].starts_with("line " + std::to_string(i + 2) + ": "));
  // What is secret, or nearly so, is not said.
  for (auto& text : mistakes)
    CHECK(text.find("0123456789") == std::string::npos);
}

TEST_CASE("a file that everybody may read is refused") {
  const auto text = "alice:0123456789abcdef\n"s;
  for (mode_t mode : {0644, 0604, 0602, 0601, 0777})
    CHECK(tokens_file(text, mode).bad().front().find("chmod")
          != std::string::npos);
  for (mode_t mode : {0600, 0640, 0660, 0400})
    CHECK(tokens_file(text, mode).good().size() == 1);
}

TEST_CASE("files that hold no tokens") {
  CHECK(tokens_file("").bad().front() == "holds no token");
  CHECK(tokens_file("# none\n\n").bad().front() == "holds no token");
  CHECK(tokens_file(std::string(2'000'000, '\n')).bad().size() == 1);
  test::scratch folder;
  auto of = [&](const std::filesystem::path& path) {
    return std::get<std::vector<std::string>>(api_tokens::load(path)).front();
  };
  CHECK(of(folder.file("missing")).starts_with("cannot be read: "));
  CHECK(of(folder.file("")) == "is not a file");
}

TEST_CASE("the setting") {
  tokens_file file{"alice:0123456789abcdef\n"};
  auto loaded = load_config({{"API_TOKENS_FILE", file.path.string()}});
  REQUIRE(std::holds_alternative<config>(loaded));
  auto& settings = std::get<config>(loaded);
  REQUIRE(settings.tokens);
  CHECK(settings.tokens->owner("0123456789abcdef") == "alice");
  auto printed = print_config(settings);
  CHECK(printed.find(file.path.string()) != std::string::npos);
  CHECK(printed.find("0123456789abcdef") == std::string::npos);

  tokens_file broken{"a:b\nc\n"};
  auto refused = load_config(
    {{"API_TOKENS_FILE", broken.path.string()}, {"HTTP_PORT", "x"}});
  auto& mistakes = std::get<std::vector<std::string>>(refused);
  CHECK(mistakes.size() == 3);
  CHECK(mistakes[1].starts_with("API_TOKENS_FILE: line 1: "));
}
