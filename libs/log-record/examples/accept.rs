//! dev only
fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        let p = std::path::Path::new(&path);
        let mut hints =
            log_record::Hints::new(log_record::Timestamp::parse("2026-11-20T12:00:00Z").unwrap());
        hints.explain = true;
        if let Ok(h) = std::fs::read_to_string(p.with_extension("headers")) {
            hints.format = h
                .lines()
                .find_map(|l| l.strip_prefix("content-type:"))
                .and_then(log_record::Format::from_content_type);
        }
        match log_record::decode(&bytes, &hints) {
            Err(e) => println!("{path}\t\"ERROR {e}\""),
            Ok(r) => {
                let all: Vec<serde_json::Value> = r
                    .as_slice()
                    .iter()
                    .map(|d| {
                        let mut out = Vec::new();
                        log_record::encode(&d.record, &mut out);
                        let mut v: serde_json::Value = serde_json::from_slice(&out).unwrap();
                        v.as_object_mut().unwrap().remove("schema");
                        if let Some(e) = &d.record.error {
                            let f: Vec<serde_json::Value> = e
                                .frames()
                                .iter()
                                .map(|f| {
                                    let mut m = serde_json::Map::new();
                                    if let Some(x) = &f.function {
                                        m.insert("function".into(), x.to_string().into());
                                    }
                                    if let Some(x) = &f.file {
                                        m.insert("file".into(), x.to_string().into());
                                    }
                                    if let Some(x) = f.line {
                                        m.insert("line".into(), x.into());
                                    }
                                    m.into()
                                })
                                .collect();
                            if !f.is_empty() {
                                v["error"]["frames"] = f.into();
                            }
                        }
                        v
                    })
                    .collect();
                println!("{path}\t{}", serde_json::Value::Array(all));
            }
        }
    }
}
