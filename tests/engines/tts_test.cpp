#include "tests/engines/running.hpp"

#include <future>

using namespace dubber;
using namespace dubber::test;

namespace {

namespace fs = std::filesystem;

json question(const std::string& text, const std::string& language = "es") {
  return {{"text", text}, {"lang", language}};
}

/// The sound that an answer to /synthesize names.
std::string sound(int port, const reply& answer) {
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  std::string path = answer.parsed()["audio_path"];
  CHECK(path.starts_with("/"));
  auto file = get(port, "/audio/" + path.substr(path.rfind('/') + 1));
  REQUIRE(file.status == 200);
  CHECK(file.body.starts_with("RIFF"));
  CHECK(double(file.body.size() - 44) / 44100
        == Approx(answer.parsed()["duration"].get<double>()));
  return file.body;
}

} // namespace

TEST_CASE("tts: the contract, rate, voices") {
  running engine{"tts"};
  auto port = engine.port();
  auto plain = sound(port, post(port, "/synthesize", question("hola amigo")));
  CHECK(plain.size() > 20'000);
  auto rated = [&](double rate) {
    auto body = question("hola amigo");
    body["rate"] = rate;
    return sound(port, post(port, "/synthesize", body)).size();
  };
  CHECK(rated(1.5) < plain.size() * 8 / 10);
  CHECK(rated(0.6) > plain.size() * 13 / 10);
  auto voiced = [&](const json& voice) {
    auto body = question("hola amigo");
    body["voice"] = voice;
    return post(port, "/synthesize", body);
  };
  CHECK(sound(port, voiced(nullptr)) == plain);
  CHECK(sound(port, voiced("f3")) != plain);
  CHECK(sound(port, voiced("es+f3")) == sound(port, voiced("f3")));
  CHECK(sound(port, post(port, "/synthesize", question("hola amigo", "es-ES")))
        == plain);
  // Nothing to pronounce is a short silence, not an empty file.
  CHECK(sound(port, post(port, "/synthesize", question("…"))).size() > 44);
  auto languages = get(port, "/languages").parsed()["languages"];
  CHECK(std::count(languages.begin(), languages.end(), json("pt-br")) == 1);

  auto unknown = post(port, "/synthesize", question("x", "xx"));
  CHECK(unknown.status == 422);
  CHECK(unknown.parsed()["error"].get<std::string>().starts_with(
    "lang: unsupported language, this service speaks af am"));
  CHECK(voiced("nobody").body.find("unsupported voice") != std::string::npos);
  for (auto& wrong :
       {json::object(), json::array(), question(""), question(" \n\t"),
        question(std::string(20'001, 'x')), question("x", "--help"),
        question("x", "../../etc/passwd"), json{{"text", 1}, {"lang", "es"}},
        json{{"text", "x"}, {"lang", "es"}, {"rate", "fast"}},
        json{{"text", "x"}, {"lang", "es"}, {"rate", 9}},
        json{{"text", "x"}, {"lang", "es"}, {"voice", 1}}}) {
    auto answer = post(port, "/synthesize", wrong);
    INFO(wrong.dump().substr(0, 100));
    CHECK(answer.status == 422);
    CHECK(answer.parsed()["error"].is_string());
  }
  CHECK(post(port, "/synthesize", std::string{"{\"text\":\"\xff\"}"}).status
        == 422);
}

TEST_CASE("tts: a path leads nowhere but to its sounds") {
  running engine{"tts"};
  engine.folder.write("secret.wav", "secret");
  auto audio = engine.folder.file("data") / "audio";
  std::ofstream{audio / "part.part"} << "unfinished";
  fs::create_symlink(engine.folder.file("secret.wav"), audio / "link.wav");
  fs::create_directory(audio / "folder.wav");
  for (std::string path :
       {"/audio/../secret.wav", "/audio/..%2fsecret.wav",
        "/audio/%2e%2e/%2e%2e/secret.wav", "/audio/link.wav",
        "/audio/folder.wav", "/audio/part.part", "/audio/", "/audio/none.wav",
        "/audio/a%00.wav", "/audio//etc/passwd"}) {
    auto answer
      = raw(engine.port(), "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    INFO(path);
    CHECK(answer.starts_with("HTTP/1.1 404 "));
    CHECK(answer.find("secret") == std::string::npos);
  }
}

TEST_CASE("tts: old sounds are swept, and the oldest of too many") {
  scratch folder;
  auto audio = folder.file("audio");
  fs::create_directories(audio);
  auto now = fs::file_time_type::clock::now();
  auto make = [&](const std::string& name, uintmax_t size, auto age) {
    std::ofstream{audio / name} << "x";
    fs::resize_file(audio / name, size); // sparse
    fs::last_write_time(audio / name, now - age);
  };
  using std::chrono::minutes;
  make("old.wav", 10, minutes{90});
  make("crashed.part", 10, minutes{90});
  make("large.wav", 1'500'000'000, minutes{40});
  make("larger.wav", 1'600'000'000, minutes{30});
  make("young.wav", 10, minutes{50});
  engine_options options;
  options.mode = "tts";
  options.data = folder.file("");
  auto engine = make_engine(options);
  CHECK_FALSE(fs::exists(audio / "old.wav"));
  CHECK_FALSE(fs::exists(audio / "crashed.part"));
  CHECK_FALSE(fs::exists(audio / "large.wav"));
  CHECK(fs::exists(audio / "larger.wav"));
}

TEST_CASE("tts: the longest text, and many at once") {
  running engine{"tts"};
  std::string longest;
  while (longest.size() + 6 <= 20'000)
    longest += "casa, ";
  auto answer = post(engine.port(), "/synthesize", question(longest));
  CHECK(answer.status == 200);
  CHECK(answer.parsed()["duration"].get<double>() > 300);
  std::vector<std::future<std::string>> asked;
  for (int i = 0; i < 24; ++i)
    asked.push_back(std::async(std::launch::async, [&] {
      return post(engine.port(), "/synthesize", question("hola")).body;
    }));
  std::set<std::string> paths;
  for (auto& x : asked)
    paths.insert(json::parse(x.get())["audio_path"].get<std::string>());
  CHECK(paths.size() == 24);
}
