#include "engines/http_service.hpp"
#include "engines/translate/capitals.hpp"
#include "engines/translate/pipe_pool.hpp"
#include "engines/translate/routes.hpp"
#include "engines/translate/text.hpp"

#include <fstream>
#include <iterator>

namespace dubber {

namespace {

constexpr size_t longest_text = 50'000;
constexpr size_t most_idle_pipes = 8; // up to 200 MB each, mostly shared
constexpr auto modes_folder = "/usr/share/apertium/modes/";

/// The pipelines of a mode.
struct commands {
  pipe_pool::command translate;
  pipe_pool::command analyse; // empty: this mode has no analyser of its own
};

std::map<std::string, commands> installed_modes() {
  std::map<std::string, commands> out;
  for (auto& mode : route_table::known_modes()) {
    std::ifstream file{modes_folder + mode + ".mode"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto programs = pipeline(text);
    if (!programs.empty())
      out.emplace(mode, commands{programs, analyser(programs)});
  }
  if (out.empty())
    throw std::runtime_error(std::string{"no apertium modes in "}
                             + modes_folder);
  return out;
}

std::set<std::string> names(const std::map<std::string, commands>& modes) {
  std::set<std::string> out;
  for (auto& [name, _] : modes)
    out.insert(name);
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (auto& word : words)
    out += (out.empty() ? "" : ", ") + word;
  return out;
}

bool blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

/// A question that was not answered.
struct failure {
  int status;
  std::string why;
};

class translate_service : public engine {
public:
  explicit translate_service(const engine_options& options)
    : modes_(installed_modes()), routes_(names(modes_)), places_(options.queue),
      pipes_(options.workers, most_idle_pipes) {
    // nop
  }

  void mount(httplib::Server& server) override {
    server.Post("/translate", [this](const httplib::Request& request,
                                     httplib::Response& response,
                                     const httplib::ContentReader& reader) {
      admission::place place{places_, response};
      if (!place)
        return;
      if (auto body = read_json(request, response, reader))
        translate(*body, response);
    });
    server.Get("/languages",
               [this](const httplib::Request&, httplib::Response& response) {
                 auto pairs = nlohmann::json::array();
                 for (auto& [from, to] : routes_.pairs())
                   pairs.push_back({{"source", from}, {"target", to}});
                 answer_json(response, 200, {{"pairs", pairs}});
               });
  }

private:
  void translate(const nlohmann::json& body, httplib::Response& response) {
    for (auto* field : {"text", "source_lang", "target_lang"})
      if (auto at = body.find(field); at == body.end() || !at->is_string())
        return answer_invalid(response, field, "a string is required");
    auto text = body["text"].get<std::string>();
    if (text.size() > longest_text)
      return answer_invalid(response, "text", "longer than 50000 bytes");
    auto from = routes_.normal_language(body["source_lang"].get<std::string>());
    auto to = routes_.normal_language(body["target_lang"].get<std::string>());
    auto modes = routes_.route(from, to);
    bool same = !from.empty() && from == to;
    if (modes.empty() && !same) {
      auto why = unsupported(from, to);
      return answer_json(response, 422, {{"error", why}, {"detail", why}});
    }
    try {
      answer_json(response, 200, {{"translated_text", through(modes, text)}});
    } catch (const failure& f) {
      if (f.status == 503)
        response.set_header("Retry-After", "2");
      answer_json(response, f.status, {{"detail", f.why}});
    }
  }

  std::string unsupported(const std::string& from,
                          const std::string& to) const {
    auto targets = routes_.targets(from);
    if (!targets.empty())
      return "unsupported language pair " + from + "-" + (to.empty() ? "?" : to)
             + ": from " + from + " this service translates to "
             + joined(targets);
    std::vector<std::string> sources;
    for (auto& [source, _] : routes_.pairs())
      if (sources.empty() || sources.back() != source)
        sources.push_back(source);
    return "unsupported language pair: the source is one of " + joined(sources);
  }

  std::string through(const std::vector<std::string>& modes,
                      const std::string& original) {
    if (modes.empty() || blank(original))
      return original;
    auto text = with_names(modes[0], original);
    for (auto& mode : modes)
      text = from_stream(ask(modes_.at(mode).translate, to_stream(text)));
    // Nothing is left of an English "a" in Esperanto: better than no answer.
    return blank(text) ? original : text;
  }

  /// The text with capitals where only they make a word known.
  std::string with_names(const std::string& mode, const std::string& text) {
    auto& command = modes_.at(mode).analyse;
    if (command.empty())
      return text;
    auto words = unknown_words(ask(command, to_stream(text)));
    if (words.empty())
      return text;
    auto second = ask(command, to_stream(capitalised_lines(words)));
    return with_capitals(text, known_with_capital(words, second));
  }

  std::string ask(const pipe_pool::command& command,
                  const std::string& question) {
    std::string answer;
    switch (pipes_.ask(command, question, answer)) {
    case pipe_end::answered:
      return answer;
    case pipe_end::late:
      throw failure{503, "the translator does not answer in time"};
    case pipe_end::died:
      break;
    }
    throw failure{500, "the translator breaks at this text"};
  }

  std::map<std::string, commands> modes_;
  route_table routes_;
  admission places_;
  pipe_pool pipes_;
};

} // namespace

std::unique_ptr<engine> make_translate(const engine_options& options) {
  return std::make_unique<translate_service>(options);
}

} // namespace dubber
