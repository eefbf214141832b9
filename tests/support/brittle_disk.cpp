#include "tests/support/brittle_disk.hpp"

#include <sqlite3.h>

#include <fstream>
#include <map>
#include <new>
#include <random>
#include <stdexcept>
#include <vector>

namespace dubber::test {

namespace {

/// A write, or a truncation (`data` unset).
struct change {
  std::size_t at = 0;
  std::optional<std::string> data;
};

struct file_history {
  std::string durable;
  std::vector<change> unsynced;
};

void carry_out(std::string& content, const change& x) {
  if (!x.data) {
    content.resize(x.at);
    return;
  }
  content.resize(std::max(content.size(), x.at + x.data->size()));
  content.replace(x.at, x.data->size(), *x.data);
}

} // namespace

struct brittle_disk::state {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::map<std::string, file_history> files;
  bool full = false;
  bool sync_fails = false;
  bool power = true;
  std::uint64_t done = 0;
  std::uint64_t last = UINT64_MAX; ///< the operation at which the power fails

  /// Counts an operation; false when it is the last one.
  bool survive() {
    power = power && ++done != last;
    return power;
  }
};

namespace {

using disk = brittle_disk::state;

/// An open file: SQLite's own lies behind it in the same memory.
struct brittle_file {
  sqlite3_file base;
  disk* on;
  file_history* history; ///< nothing: a file that need not survive
  sqlite3_file* real() {
    return reinterpret_cast<sqlite3_file*>(this + 1);
  }
};

brittle_file& of(sqlite3_file* file) {
  return *reinterpret_cast<brittle_file*>(file);
}

int close_file(sqlite3_file* f) {
  return of(f).real()->pMethods->xClose(of(f).real());
}

int read_file(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  if (!of(f).on->power)
    return SQLITE_IOERR_READ;
  return of(f).real()->pMethods->xRead(of(f).real(), to, n, at);
}

int write_file(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  auto& file = of(f);
  if (!file.on->power)
    return SQLITE_IOERR_WRITE;
  if (file.on->full)
    return SQLITE_FULL;
  auto whole = file.on->survive();
  auto length = whole ? n : n / 2;
  if (file.history)
    file.history->unsynced.push_back(
      {static_cast<std::size_t>(at),
       std::string{static_cast<const char*>(from),
                   static_cast<std::size_t>(length)}});
  auto code = file.real()->pMethods->xWrite(file.real(), from, length, at);
  return whole ? code : SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
  auto& file = of(f);
  if (!file.on->power)
    return SQLITE_IOERR_TRUNCATE;
  if (file.history)
    file.history->unsynced.push_back(
      {static_cast<std::size_t>(size), std::nullopt});
  return file.real()->pMethods->xTruncate(file.real(), size);
}

int sync_file(sqlite3_file* f, int) {
  auto& file = of(f);
  if (!file.on->power || !file.on->survive() || file.on->sync_fails)
    return SQLITE_IOERR_FSYNC;
  if (file.history) {
    for (auto& x : file.history->unsynced)
      carry_out(file.history->durable, x);
    file.history->unsynced.clear();
  }
  return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* size) {
  return of(f).real()->pMethods->xFileSize(of(f).real(), size);
}
int lock_file(sqlite3_file* f, int level) {
  return of(f).real()->pMethods->xLock(of(f).real(), level);
}
int unlock_file(sqlite3_file* f, int level) {
  return of(f).real()->pMethods->xUnlock(of(f).real(), level);
}
int is_reserved(sqlite3_file* f, int* out) {
  return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), out);
}
int file_control(sqlite3_file* f, int what, void* arg) {
  return of(f).real()->pMethods->xFileControl(of(f).real(), what, arg);
}
int sector_size(sqlite3_file* f) {
  return of(f).real()->pMethods->xSectorSize(of(f).real());
}
int characteristics(sqlite3_file*) {
  return 0; // promises nothing
}
int shm_map(sqlite3_file* f, int page, int size, int extend,
            void volatile** out) {
  return of(f).real()->pMethods->xShmMap(of(f).real(), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return of(f).real()->pMethods->xShmLock(of(f).real(), offset, n, flags);
}
void shm_barrier(sqlite3_file* f) {
  of(f).real()->pMethods->xShmBarrier(of(f).real());
}
int shm_unmap(sqlite3_file* f, int remove) {
  return of(f).real()->pMethods->xShmUnmap(of(f).real(), remove);
}

constexpr sqlite3_io_methods methods{
  2,
  close_file,
  read_file,
  write_file,
  truncate_file,
  sync_file,
  file_size,
  lock_file,
  unlock_file,
  is_reserved,
  file_control,
  sector_size,
  characteristics,
  shm_map,
  shm_lock,
  shm_barrier,
  shm_unmap,
  nullptr,
  nullptr,
};

disk& on(sqlite3_vfs* vfs) {
  return *static_cast<disk*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags,
              int* out_flags) {
  auto& d = on(vfs);
  auto file = new (f) brittle_file{{nullptr}, &d, nullptr};
  if (!d.power)
    return SQLITE_CANTOPEN;
  auto code = d.real->xOpen(d.real, name, file->real(), flags, out_flags);
  if (code != SQLITE_OK)
    return code;
  file->base.pMethods = &methods;
  if (name
      && (flags
          & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)))
    file->history = &d.files[name];
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync) {
  auto& d = on(vfs);
  if (!d.power)
    return SQLITE_IOERR_DELETE;
  if (auto i = d.files.find(name); i != d.files.end())
    i->second = {};
  return d.real->xDelete(d.real, name, sync);
}

} // namespace

brittle_disk::brittle_disk() : state_(std::make_unique<state>()) {
  state_->real = sqlite3_vfs_find(nullptr);
  state_->vfs = *state_->real;
  state_->vfs.szOsFile
    = static_cast<int>(sizeof(brittle_file)) + state_->real->szOsFile;
  state_->vfs.zName = "brittle";
  state_->vfs.pAppData = state_.get();
  state_->vfs.xOpen = open_file;
  state_->vfs.xDelete = delete_file;
  if (sqlite3_vfs_register(&state_->vfs, 1) != SQLITE_OK)
    throw std::runtime_error("SQLite does not take the disk");
}

brittle_disk::~brittle_disk() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->real, 1);
}

void brittle_disk::set_full(bool full) {
  state_->full = full;
}

void brittle_disk::set_sync_fails(bool fails) {
  state_->sync_fails = fails;
}

void brittle_disk::fail_power_at(std::uint64_t n) {
  state_->last = state_->done + n;
}

bool brittle_disk::has_power() const {
  return state_->power;
}

std::uint64_t brittle_disk::operations() const {
  return state_->done;
}

void brittle_disk::restore_power(fate unsynced, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  for (auto& [name, history] : state_->files) {
    for (auto& x : history.unsynced) {
      auto how = unsynced == fate::keep_all   ? 0
                 : unsynced == fate::lose_all ? 2
                                              : random() % 3;
      if (how == 1 && x.data)
        x.data->resize(x.data->size() / 2);
      if (how != 2)
        carry_out(history.durable, x);
    }
    history.unsynced.clear();
    std::ofstream{name, std::ios::binary | std::ios::trunc} << history.durable;
  }
  state_->power = true;
  state_->last = UINT64_MAX;
}

} // namespace dubber::test
