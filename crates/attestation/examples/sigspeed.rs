//! tmp
use evidence::*;
fn main(){
    let a:Vec<String>=std::env::args().skip(1).collect();
    let load=|role:&str,p:&str|->Vec<Supplied>{ let p=std::path::Path::new(p); if p.is_dir() { let mut v:Vec<_>=std::fs::read_dir(p).unwrap().map(|e|e.unwrap().path()).filter(|p|p.is_file()).collect(); v.sort(); v.iter().map(|p|Supplied::new(role,&p.file_name().unwrap().to_string_lossy(),std::fs::read(p).unwrap())).collect() } else {vec![Supplied::new(role,&p.file_name().unwrap().to_string_lossy(),std::fs::read(p).unwrap())]} };
    let primary=load("evidence",&a[0]).remove(0);
    let mut others=vec![]; let mut s=attestation::Settings{at:Some("2024-01-01".into()),..Default::default()};
    for x in &a[1..] { let (r,p)=x.split_once('=').unwrap(); match r {"at"=>s.at=Some(p.into()),"nonce"=>s.nonce=Some(p.into()),_=>others.extend(load(r,p))} }
    let t=std::time::Instant::now();
    match attestation::examine(&primary,&others,&s,Provenance::Public) {
        Err(e)=>println!("{e}"),
        Ok(e)=>{ println!("{:?} {:?}", t.elapsed(), e.fleet.verdict()); for f in &e.findings { println!("{:>13} {:?} {:30} [{}] {}\n      {}\n      S {}\n      A {:?}\n   L {:?} {:?}", f.verdict.id(), f.reason, f.check, f.item.clone().unwrap_or_default(), f.title, f.detail, f.scope, f.assumptions, f.locators, f.metrics.keys().collect::<Vec<_>>()); } for d in e.fleet.differences() {println!("{d}");} }
    }
}
