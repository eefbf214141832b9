PRAGMA application_id=1146438210;
PRAGMA user_version=2;
BEGIN TRANSACTION;
CREATE TABLE artifact_refs(
        artifact INTEGER NOT NULL,
        job_no   INTEGER NOT NULL,
        PRIMARY KEY(artifact, job_no)) WITHOUT ROWID;
INSERT INTO "artifact_refs" VALUES(-6586873060718297946,1);
INSERT INTO "artifact_refs" VALUES(-5099734972200354473,1);
INSERT INTO "artifact_refs" VALUES(-347529292461565583,1);
INSERT INTO "artifact_refs" VALUES(6347814501886360269,1);
CREATE TABLE events(
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        job_no   INTEGER NOT NULL,
        seq      INTEGER NOT NULL,
        run      INTEGER NOT NULL,
        at_ms    INTEGER NOT NULL,
        type     TEXT NOT NULL,
        version  INTEGER NOT NULL,
        payload  TEXT NOT NULL);
INSERT INTO "events" VALUES(1,1,1,1,1795582473992,'job.accepted',1,'{"by":"local","job_id":1,"pipeline":"","priority":0,"traceparent":""}');
INSERT INTO "events" VALUES(2,1,2,1,1795582473992,'stage.started',1,'{"items":1,"stage":"fetch"}');
INSERT INTO "events" VALUES(3,1,3,1,1795582474003,'stage.completed',1,'{"attempt":1,"result":{"gateway_json":"{\"activity\":null,\"createdAt\":\"2026-11-25T04:54:33\",\"estimatedTimeRemaining\":null,\"id\":1,\"optionsJson\":\"{}\",\"outputObjectKey\":null,\"progress\":0,\"sourceObjectKey\":\"1_clip.mov\",\"status\":\"QUEUED\",\"targetLanguage\":\"es\",\"updatedAt\":\"2026-11-25T04:54:33\"}","kind":"fetched","options":{"keep_original":false,"pipeline":"","priority":0,"source_language":"en","subtitles":true,"unknown_keys":[],"voice":""},"source_object_key":"1_clip.mov","target_language":"es"},"stage":"fetch"}');
INSERT INTO "events" VALUES(4,1,4,1,1795582474003,'stage.started',1,'{"items":1,"stage":"extract"}');
INSERT INTO "events" VALUES(5,1,5,1,1795582474387,'stage.completed',1,'{"attempt":1,"result":{"audio":{"bytes":64044,"key":"artifacts/1-1-extract-19cb6464ba66f0b8.wav","sha256":"eda3f429a22ba336516d9484bbb9a08863a4ba1ca4234b279218307b5eea75df"},"chunks":[[0.0,2.0]],"kind":"extracted","seconds":2.0},"stage":"extract"}');
INSERT INTO "events" VALUES(6,1,6,1,1795582474387,'stage.started',1,'{"items":1,"stage":"asr"}');
INSERT INTO "events" VALUES(7,1,7,1,1795582474399,'chunk.transcribed',1,'{"attempt":1,"item":0,"result":{"kind":"transcript","notes":[],"segments":[[0.0,1.8,"words of eda3f429a22b number 0"]]},"stage":"asr"}');
INSERT INTO "events" VALUES(8,1,8,1,1795582474399,'stage.completed',1,'{"attempt":1,"result":{"kind":"transcript","notes":[],"segments":[[0.0,1.8,"words of eda3f429a22b number 0"]]},"stage":"asr"}');
INSERT INTO "events" VALUES(9,1,9,1,1795582474399,'stage.started',1,'{"items":1,"stage":"translate"}');
INSERT INTO "events" VALUES(10,1,10,1,1795582474399,'stage.started',1,'{"items":1,"stage":"tts"}');
INSERT INTO "events" VALUES(11,1,11,1,1795582474409,'segment.translated',1,'{"attempt":1,"item":0,"result":{"kind":"translated","text":"es: words of eda3f429a22b number 0"},"stage":"translate"}');
INSERT INTO "events" VALUES(12,1,12,1,1795582474409,'stage.completed',1,'{"attempt":1,"result":{"kind":"reported"},"stage":"translate"}');
INSERT INTO "events" VALUES(13,1,13,1,1795582474422,'segment.spoken',1,'{"attempt":1,"item":0,"result":{"audio":{"bytes":3884,"key":"artifacts/b93a1a0ff55c7d57272105681b89b01adcdc966725d27af39e79e9c4a7d125a4","sha256":"b93a1a0ff55c7d57272105681b89b01adcdc966725d27af39e79e9c4a7d125a4"},"kind":"spoken","rate":1.0,"seconds":0.08},"stage":"tts"}');
INSERT INTO "events" VALUES(14,1,14,1,1795582474422,'stage.completed',1,'{"attempt":1,"result":{"kind":"reported"},"stage":"tts"}');
INSERT INTO "events" VALUES(15,1,15,1,1795582474422,'stage.started',1,'{"items":1,"stage":"merge"}');
INSERT INTO "events" VALUES(16,1,16,1,1795582475087,'stage.completed',1,'{"attempt":1,"result":{"kind":"merged","report":{"bytes":834,"key":"artifacts/5817f7a845027acddeea55503c77186f0a439be788bfe90bbc980e55adea75d2","sha256":"5817f7a845027acddeea55503c77186f0a439be788bfe90bbc980e55adea75d2"},"seconds":2.0,"srt":{"bytes":68,"key":"artifacts/a496b9d99b4bbca6dcf2dbb9c673c6a551f15f7b2eb0e04fbefe642722f5926f","sha256":"a496b9d99b4bbca6dcf2dbb9c673c6a551f15f7b2eb0e04fbefe642722f5926f"},"video":{"bytes":15801,"key":"artifacts/1-1-merge-1c22f67d332a3ff7.mp4","sha256":"21d3d9b25ec9047990b489df921b5c78d3c9cfa815c057bd7d9130d383c06859"},"vtt":{"bytes":74,"key":"artifacts/fb2d53f325c91971e99ab1909cf026c9f8f7c809f3887f90045b89dbb7e048fa","sha256":"fb2d53f325c91971e99ab1909cf026c9f8f7c809f3887f90045b89dbb7e048fa"}},"stage":"merge"}');
INSERT INTO "events" VALUES(17,1,17,1,1795582475087,'stage.started',1,'{"items":1,"stage":"upload"}');
INSERT INTO "events" VALUES(18,1,18,1,1795582475122,'stage.completed',1,'{"attempt":1,"result":{"files":{"report":"dubbed_1.report.json","report_html":"dubbed_1.report.html","srt":"dubbed_1.srt","vtt":"dubbed_1.vtt"},"kind":"uploaded","output_object_key":"dubbed_1.mp4"},"stage":"upload"}');
INSERT INTO "events" VALUES(19,1,19,1,1795582475122,'report.owed',1,'{"activity":"Dubbing complete","output_object_key":"dubbed_1.mp4","status":"COMPLETED"}');
INSERT INTO "events" VALUES(20,1,20,1,1795582475122,'stage.started',1,'{"items":1,"stage":"report"}');
INSERT INTO "events" VALUES(21,1,21,1,1795582475131,'stage.completed',1,'{"attempt":1,"result":{"kind":"reported"},"stage":"report"}');
INSERT INTO "events" VALUES(22,1,22,1,1795582475131,'job.completed',1,'{}');
CREATE TABLE jobs(
        job_no            INTEGER PRIMARY KEY,
        job_id            INTEGER NOT NULL,
        source_object_key TEXT NOT NULL,
        pipeline          TEXT NOT NULL,
        target_language   TEXT NOT NULL,
        status            INTEGER NOT NULL,
        run               INTEGER NOT NULL,
        owes_report       INTEGER NOT NULL,
        open              INTEGER NOT NULL,
        created_ms        INTEGER NOT NULL,
        updated_ms        INTEGER NOT NULL,
        pruned            INTEGER NOT NULL DEFAULT 0);
INSERT INTO "jobs" VALUES(1,1,'1_clip.mov','dub','es',4,1,1,1,1795582473992,1795582475131,0);
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT INTO "meta" VALUES('epoch',1);
CREATE UNIQUE INDEX events_by_job ON events(job_no, seq);
CREATE INDEX jobs_by_id ON jobs(job_id, job_no);
CREATE INDEX jobs_by_status ON jobs(status, job_no);
CREATE INDEX jobs_open ON jobs(job_no) WHERE open;
CREATE INDEX jobs_ended ON jobs(updated_ms) WHERE NOT open AND NOT pruned;
CREATE INDEX artifact_refs_by_job ON artifact_refs(job_no);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',22);
COMMIT;
