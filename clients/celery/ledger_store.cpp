#include "clients/celery/ledger_store.hpp"

#include "clients/celery/ledger.hpp"
#include "clients/scratch_folder.hpp"

#include <fstream>

namespace dubber {

namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "note.json";

} // namespace

result<done> keep_text(object_store& store, const fs::path& scratch,
                       const std::string& key, const std::string& text,
                       const task_clock& clock) {
  scratch_folder folder{scratch, "celery"};
  std::ofstream written{folder / file_name, std::ios::binary};
  written << text;
  written.close();
  if (!written)
    return fault{fault_code::disk, "cannot write in the scratch folder", 0, {}};
  auto stored = put_file(store, folder / file_name, key, clock);
  return stored ? result<done>{done{}} : stored.error();
}

result<std::optional<std::string>> kept_text(object_store& store,
                                             const fs::path& scratch,
                                             const std::string& key,
                                             const task_clock& clock) {
  scratch_folder folder{scratch, "celery"};
  auto file = fetch_file(store, key, folder / file_name, clock);
  if (!file && file.error().code == fault_code::not_found)
    return std::optional<std::string>{};
  if (!file)
    return file.error();
  std::ifstream in{file->path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad())
    return fault{fault_code::disk, "cannot read " + key, 0, {}};
  return std::optional{std::move(text)};
}

result<std::vector<dispatch>> load_ledger(object_store& store,
                                          const fs::path& scratch,
                                          const std::string& work,
                                          const task_clock& clock) {
  auto text = kept_text(store, scratch, ledger_key(work), clock);
  if (!text)
    return text.error();
  return *text ? read_ledger(**text) : std::vector<dispatch>{};
}

result<done> save_ledger(object_store& store, const fs::path& scratch,
                         const std::string& work,
                         const std::vector<dispatch>& out,
                         const task_clock& clock) {
  return keep_text(store, scratch, ledger_key(work), write_ledger(out), clock);
}

} // namespace dubber
