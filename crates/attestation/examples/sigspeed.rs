//! tmp
fn main(){
    let mut links=Default::default();
    let anchors=attestation::roots::Anchors::published();
    for f in std::env::args().skip(1) {
        let b=std::fs::read(&f).unwrap();
        let t=std::time::Instant::now();
        match attestation::rim::read_manifest(&f,&b,anchors.of(attestation::roots::Purpose::Manifest),&mut links) {
            Ok(m)=>println!("{} {} {} {:?} {:?} {:?} {:?}", f.rsplit('/').next().unwrap(), m.version, m.entries.iter().filter(|e|e.active).count(), m.seal, m.path.problems, attestation::chain::out_of_validity(&m.chain, attestation::time::Time::parse("2024-01-01").unwrap()), t.elapsed()),
            Err(e)=>println!("{f}: {e}"),
        }
    }
}
