#include "app/pipeline_folder.hpp"

#include "app/config.hpp"
#include "app/pipeline_file.hpp"
#include "core/pipeline_check.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

namespace dubber {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> text_of(const fs::path& path) {
  std::error_code missing;
  std::ifstream file;
  if (fs::is_regular_file(path, missing))
    file.open(path, std::ios::binary);
  if (!file.is_open())
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// All that is wrong with it: alone, and beside the shipped services.
std::vector<std::string> mistakes_of(pipeline_file& file) {
  if (!file.mistakes.empty())
    return file.mistakes;
  auto services = default_policies();
  for (auto& [name, policy] : file.services)
    services[name] = policy;
  // Neighbours have their URLs from elsewhere.
  return mistakes_in(file.plan, services);
}

bool is_same(const service_policy& a, const service_policy& b) {
  return a.policy_only == b.policy_only
         && policy_fields({{"x", a}}) == policy_fields({{"x", b}});
}

class folder_reader {
public:
  explicit folder_reader(pipeline_shelf& into) : into_(into) {
    // nop
  }

  std::vector<std::string> mistakes;

  void read(const fs::path& path) {
    auto name = path.filename().string();
    auto text = text_of(path);
    if (!text)
      return say(name, "is not a file that can be read");
    auto file = read_pipeline(*text);
    for (auto& mistake : mistakes_of(file))
      say(name, mistake);
    if (!file.mistakes.empty() || file.plan.id.empty())
      return;
    if (auto [i, fresh] = names_.try_emplace(file.plan.name, name); !fresh)
      say(name, "name: " + i->first + " is the name of " + i->second + ", too");
    for (auto& [service, policy] : file.services)
      if (auto i = into_.services.find(service); i == into_.services.end())
        into_.services[service] = policy;
      else if (!is_same(i->second, policy))
        say(name, "services." + service
                    + " is defined otherwise in another definition");
    auto plan = std::make_shared<const pipeline>(std::move(file.plan));
    into_.book.known[plan->id] = plan;
    into_.book.offered[plan->name] = plan;
  }

  void say(const std::string& file, const std::string& what) {
    mistakes.push_back("PIPELINES_DIR: " + file + ": " + what);
  }

private:
  pipeline_shelf& into_;
  std::map<std::string, std::string> names_; ///< to the file
};

} // namespace

std::vector<std::string> read_pipelines(const fs::path& folder,
                                        pipeline_shelf& into) {
  std::error_code wrong;
  std::vector<fs::path> files;
  for (fs::directory_iterator i{folder, wrong}, end; !wrong && i != end;
       i.increment(wrong))
    if (i->path().extension() == ".json")
      files.push_back(i->path());
  if (wrong)
    return {"PIPELINES_DIR: is not a folder that can be read: "
            + folder.string()};
  if (files.size() > max_pipelines)
    return {"PIPELINES_DIR: there are more than "
            + std::to_string(max_pipelines) + " definitions"};
  std::sort(files.begin(), files.end());
  folder_reader reader{into};
  for (auto& path : files)
    reader.read(path);
  return std::move(reader.mistakes);
}

std::vector<std::string> add_kept_pipelines(const std::vector<note>& kept,
                                            pipeline_shelf& into) {
  std::vector<std::string> out;
  for (auto& x : kept) {
    if (into.book.known.count(x.name) > 0)
      continue;
    auto file = read_pipeline(x.value);
    auto wrong = mistakes_of(file);
    if (wrong.empty() && file.plan.id != x.name)
      wrong.emplace_back("it is not what its id says");
    for (auto& mistake : wrong)
      out.push_back("pipeline " + file.plan.name + ": " + mistake);
    if (!wrong.empty())
      continue;
    for (auto& [service, policy] : file.services)
      into.services.try_emplace(service, policy);
    into.book.known[x.name]
      = std::make_shared<const pipeline>(std::move(file.plan));
  }
  return out;
}

} // namespace dubber
