//! What a proxy makes of its folder: real files, no ports, no waiting.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::mpsc::sync_channel;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::clock::Clock;
use crate::runtime::{Gateway, StoredKey};

struct Proxy {
    files: TempDir,
    reload: Reload,
}

impl Proxy {
    /// A proxy before these folders, each with a gateway's file.
    fn start(folders: &[(&str, Value)]) -> Self {
        let files = tempfile::tempdir().unwrap();
        fs::create_dir(files.path().join("config")).unwrap();
        let (shared, _log) = crate::shared(1, 1 << 20, Clock::stepped(), Box::new(io::sink())).unwrap();
        for (folder, config) in folders {
            write(&files.path().join("config").join(folder).join(CONFIG_FILE), config.to_string());
        }
        let reload = Reload::start(files.path().join("config"), &shared).unwrap();
        Self { files, reload }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.files.path().join("config").join(file)
    }

    /// Writes a file in the folder of the gateway `a` and looks again.
    fn write(&mut self, file: &str, content: impl AsRef<[u8]>) {
        write(&self.path("a").join(file), content);
        self.reload.look();
    }

    /// Writes the key that [`config`] names and looks again.
    fn write_key(&mut self, content: &str) {
        write(&self.files.path().join("key"), content);
        self.reload.look();
    }

    fn gateway(&self, path: &str) -> Option<Arc<Gateway>> {
        self.reload.shared.live.load().at(path).map(Arc::clone)
    }

    fn generation(&self, path: &str) -> Option<i64> {
        self.gateway(path).map(|gateway| gateway.config.generation)
    }

    /// What `/status` says about each folder.
    fn statuses(&self) -> Vec<Value> {
        self.reload.statuses.load().iter().map(|status| serde_json::to_value(status).unwrap()).collect()
    }

    fn key(&self) -> String {
        match &self.gateway("ai/a").unwrap().providers[0].key {
            StoredKey::None => "none".into(),
            StoredKey::Missing => "missing".into(),
            StoredKey::Signs(_) => "signs".into(),
            StoredKey::Token(_) => "token".into(),
            StoredKey::Present(name, value) => format!("{name}: {}", value.to_str().unwrap()),
        }
    }
}

/// Replaces a file at once, as a mounted volume does.
fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let beside = path.with_extension("new");
    fs::write(&beside, content).unwrap();
    fs::rename(beside, path).unwrap();
}

/// The gateway `ai/{name}`.
fn config(name: &str, generation: i64) -> Value {
    let timeouts =
        json!({"connect": "5s", "firstByte": "1m", "answer": "10m", "idle": "1m", "total": null, "clientWrite": "1m"});
    json!({
        "uid": format!("uid-of-{name}"),
        "namespace": "ai",
        "name": name,
        "accountId": "ai",
        "generation": generation,
        "auth": {"anonymous": "Allow"},
        "identity": null,
        "providers": [{
            "name": "openai",
            "type": "openai",
            "baseUrl": "https://api.openai.com/v1",
            "credentials": [],
            "callerKeys": "Ignore",
            "models": [{"name": "mini", "upstreamName": "gpt-4o-mini", "price": null}],
            "timeouts": timeouts,
        }],
        "cache": {"ttl": null, "scope": "Gateway", "maxEntryBytes": 1024, "maxBytes": null},
        "limits": [],
        "fallback": [{"provider": "openai", "model": "mini"}],
        "retry": {"attempts": 2},
    })
}

fn with(mut config: Value, pointer: &str, value: Value) -> Value {
    *config.pointer_mut(pointer).unwrap() = value;
    config
}

/// A proxy with one gateway whose key is in a file that is not there yet.
fn proxy_with_key() -> Proxy {
    let mut proxy = Proxy::start(&[]);
    let file = proxy.files.path().join("key");
    let credentials = json!([{"name": "default", "file": file}]);
    proxy.write(CONFIG_FILE, with(config("a", 1), "/providers/0/credentials", credentials).to_string());
    proxy
}

#[test]
fn what_the_folder_says_is_served_and_told() {
    let proxy = Proxy::start(&[("a", config("a", 3)), ("..data", config("hidden", 1))]);
    let gateway = proxy.gateway("ai/a").unwrap();
    let target = &gateway.fallback[0];
    assert_eq!((&*target.model, &*target.upstream_model), ("mini", "gpt-4o-mini"));
    assert_eq!((&*gateway.providers[0].origin.host, &*gateway.providers[0].base_path), ("api.openai.com", "/v1"));
    let mut status = proxy.statuses().remove(0);
    for hash in ["configHash", "secretsHash"] {
        let hash = status.as_object_mut().unwrap().remove(hash).unwrap();
        assert_eq!(hash.as_str().unwrap().len(), 16);
    }
    let expected = json!({
        "folder": "a", "uid": "uid-of-a", "namespace": "ai", "name": "a", "generation": 3,
        "providers": [{"name": "openai", "credential": "none", "health": "Unknown", "message": null}],
        "stale": [], "store": null, "proxies": 1, "lastError": "fleet.json is not there",
    });
    assert_eq!(status, expected);
    assert_eq!(proxy.statuses().len(), 1);
}

#[test]
fn an_empty_folder_is_no_error_and_a_missing_one_is() {
    let proxy = Proxy::start(&[]);
    assert!(proxy.reload.shared.live.load().is_empty());
    assert!(Reload::start(proxy.path("nowhere"), &proxy.reload.shared).is_err());
}

#[test]
fn what_is_bad_leaves_the_last_good_one_and_is_told() {
    let unbuildable = with(config("a", 2), "/providers/0/baseUrl", json!("https://1.2.3"));
    let refused = with(config("a", 2), "/retry/attempts", json!(9));
    for (content, problem) in [
        (json!({"uid": 1}), "gateway.v1.json is no configuration"),
        (refused, "spec.retry.attempts: 9 is not allowed"),
        (unbuildable, "nothing can be sent to the base URL of the provider openai: https://1.2.3"),
    ] {
        let mut proxy = Proxy::start(&[("a", config("a", 1))]);
        proxy.write(FLEET_FILE, r#"{"proxies": 1}"#);
        let hash = proxy.statuses()[0]["configHash"].clone();
        proxy.write(CONFIG_FILE, content.to_string());
        let status = proxy.statuses().remove(0);
        assert!(status["lastError"].as_str().unwrap().starts_with(problem), "{status}");
        assert_eq!((proxy.generation("ai/a"), &status["configHash"]), (Some(1), &hash));
        proxy.write(CONFIG_FILE, config("a", 3).to_string());
        assert_eq!((proxy.generation("ai/a"), &proxy.statuses()[0]["lastError"]), (Some(3), &Value::Null));
    }
}

#[test]
fn a_first_file_that_is_bad_serves_nothing_and_is_told() {
    let proxy = Proxy::start(&[("a", json!({"uid": 1}))]);
    assert!(proxy.reload.shared.live.load().is_empty());
    let status = proxy.statuses().remove(0);
    assert_eq!((status.get("uid"), &status["folder"]), (None, &json!("a")));
    assert!(status["lastError"].is_string());
}

#[test]
fn a_file_that_goes_leaves_its_gateway_and_a_folder_takes_it_along() {
    let mut proxy = Proxy::start(&[("a", config("a", 1)), ("b", config("b", 1))]);
    fs::remove_file(proxy.path("a").join(CONFIG_FILE)).unwrap();
    fs::remove_dir_all(proxy.path("b")).unwrap();
    proxy.reload.look();
    assert_eq!((proxy.generation("ai/a"), proxy.generation("ai/b")), (Some(1), None));
    let statuses = proxy.statuses();
    assert_eq!(statuses.len(), 1);
    assert!(statuses[0]["lastError"].as_str().unwrap().starts_with("gateway.v1.json is not there"));
    fs::remove_dir_all(proxy.path("")).unwrap();
    proxy.reload.look();
    assert_eq!(proxy.generation("ai/a"), Some(1), "nothing goes with the folder of all");
    assert!(proxy.statuses()[0]["lastError"].as_str().unwrap().contains("can't be listed"));
}

#[test]
fn of_two_with_the_same_path_the_first_folder_is_served() {
    let second = with(config("a", 2), "/uid", json!("other"));
    let mut proxy = Proxy::start(&[("a", config("a", 1)), ("b", second)]);
    assert_eq!(proxy.generation("ai/a"), Some(1));
    let status = proxy.statuses().remove(1);
    assert!(status["lastError"].as_str().unwrap().contains("the folder a has a gateway of the same"), "{status}");
    assert_eq!(status.get("uid"), None, "what is not served is not acknowledged");
    fs::remove_dir_all(proxy.path("a")).unwrap();
    proxy.reload.look();
    assert_eq!((proxy.generation("ai/a"), &proxy.statuses()[0]["uid"]), (Some(2), &json!("other")));
}

#[test]
fn the_number_of_proxies_changes_without_a_new_gateway_and_a_bad_one_changes_nothing() {
    let mut proxy = Proxy::start(&[("a", config("a", 1))]);
    let proxies = |proxy: &Proxy| proxy.statuses()[0]["proxies"].as_u64().unwrap();
    assert_eq!(proxies(&proxy), 1);
    for (content, expected, is_error) in [
        (r#"{"proxies": 3}"#, 3, false),
        (r#"{"proxies": 0}"#, 3, true),
        ("{}", 3, true),
        (r#"{"proxies": 2}"#, 2, false),
    ] {
        proxy.write(FLEET_FILE, content);
        assert_eq!((proxies(&proxy), proxy.statuses()[0]["lastError"].is_string()), (expected, is_error), "{content}");
    }
}

#[test]
fn what_has_not_changed_is_not_built_again() {
    let mut proxy = Proxy::start(&[("a", config("a", 1))]);
    let before = proxy.gateway("ai/a").unwrap();
    for _ in 0..2 * READ_ALL_THE_SAME {
        proxy.reload.look();
    }
    assert!(Arc::ptr_eq(&before, &proxy.gateway("ai/a").unwrap()));
}

#[test]
fn a_change_that_no_stamp_shows_is_found_all_the_same() {
    let mut proxy = Proxy::start(&[("a", config("a", 1))]);
    write(&proxy.path("a").join(CONFIG_FILE), config("a", 2).to_string());
    // As if the look before had seen the same stamps.
    proxy.reload.fingerprint = Some(Fingerprint::of(&proxy.reload.root, proxy.reload.keys.paths()));
    proxy.reload.look();
    assert_eq!(proxy.generation("ai/a"), Some(1));
    for _ in 0..READ_ALL_THE_SAME {
        proxy.reload.look();
    }
    assert_eq!(proxy.generation("ai/a"), Some(2));
}

/// Puts another version of a volume in the place of the one before, as a kubelet does: all of its files at once.
fn swap(volume: &Path, version: usize, files: &[(&str, String)]) {
    let content = volume.join(format!("..{version}"));
    for (file, text) in files {
        fs::create_dir_all(&content).unwrap();
        fs::write(content.join(file), text).unwrap();
        // The first version's stay: they go through `..data`.
        let _ = symlink(Path::new("..data").join(file), volume.join(file));
    }
    let link = volume.join("..data_tmp");
    symlink(format!("..{version}"), &link).unwrap();
    fs::rename(link, volume.join("..data")).unwrap();
    let _ = fs::remove_dir_all(volume.join(format!("..{}", version.wrapping_sub(1))));
}

#[test]
fn what_is_swapped_together_is_seen_together() {
    let mut proxy = Proxy::start(&[]);
    let volume = proxy.path("a");
    let version = |version: usize| {
        let config = config("a", i64::try_from(version).unwrap()).to_string();
        [(CONFIG_FILE, config), (FLEET_FILE, json!({"proxies": version}).to_string())]
    };
    swap(&volume, 1, &version(1));
    let (looked, looks) = sync_channel(0);
    let swapping = thread::spawn(move || {
        for next in 2..300 {
            swap(&volume, next, &version(next));
            // After each, a look without one: at most one swap falls into a look.
            looks.recv().unwrap();
        }
    });
    while !swapping.is_finished() {
        proxy.reload.look();
        let status = proxy.statuses().remove(0);
        assert_eq!((&status["generation"], &status["lastError"]), (&status["proxies"], &Value::Null));
        let _ = looked.try_send(());
    }
    swapping.join().unwrap();
}

#[test]
fn a_key_comes_rotates_is_kept_and_is_revoked() {
    let mut proxy = proxy_with_key();
    let told = |proxy: &Proxy| {
        let status = proxy.statuses().remove(0);
        let stale = status["stale"].as_array().unwrap().len();
        (proxy.key(), status["providers"][0]["credential"].as_str().unwrap().to_owned(), stale)
    };
    let expected = |key: &str, credential: &str, stale| (key.to_owned(), credential.to_owned(), stale);
    assert_eq!(told(&proxy), expected("missing", "missing", 0));
    proxy.write_key("sk-1\n");
    assert_eq!(told(&proxy), expected("authorization: Bearer sk-1", "present", 0));
    proxy.write_key("sk-2");
    assert_eq!(told(&proxy), expected("authorization: Bearer sk-2", "present", 0));
    fs::remove_file(proxy.files.path().join("key")).unwrap();
    proxy.reload.look();
    assert_eq!(told(&proxy), expected("authorization: Bearer sk-2", "stale", 1));
    proxy.write_key("");
    assert_eq!(told(&proxy), expected("missing", "missing", 0));
}

#[test]
fn a_file_that_holds_no_key_is_named_and_not_shown() {
    let mut proxy = proxy_with_key();
    proxy.write_key("sk-secret\nsk-more");
    let status = proxy.statuses().remove(0);
    let error = status["lastError"].as_str().unwrap();
    assert!(error.contains("/key holds characters that no header can carry"), "{error}");
    assert!(!status.to_string().contains("sk-"), "{status}");
    assert!(!format!("{:?}", proxy.gateway("ai/a")).contains("sk-"));
}

#[test]
fn the_hashes_tell_configurations_and_keys_apart_and_no_generations() {
    let mut proxy = proxy_with_key();
    let hashes = |proxy: &Proxy| ["configHash", "secretsHash"].map(|hash| proxy.statuses()[0][hash].to_string());
    let [config, secrets] = hashes(&proxy);
    let file = fs::read_to_string(proxy.path("a").join(CONFIG_FILE)).unwrap();
    let read: Value = serde_json::from_str(&file).unwrap();
    proxy.write(CONFIG_FILE, with(read.clone(), "/generation", json!(2)).to_string());
    assert_eq!(hashes(&proxy), [config.clone(), secrets.clone()]);
    proxy.write(CONFIG_FILE, with(read, "/retry/attempts", json!(1)).to_string());
    let [other, same] = hashes(&proxy);
    assert_eq!((other == config, same == secrets), (false, true));
    proxy.write_key("sk-1");
    let [same, one] = hashes(&proxy);
    assert_eq!((same == other, one == secrets), (true, false));
}
