use super::*;

fn runs(text: &str, metric: Option<&str>) -> Vec<Run> {
    read("f", text.as_bytes(), metric).unwrap()
}

#[test]
fn cublas_lines() {
    let text = "./cublasMatmulBench -P=hsh -m=8192 -n=8192 -k=8192 -T=100 -ta=1 -B=0\n\
        ^^^^ CUDA : elapsed = 0.00743 sec,  Gflops = 148012.5 \n\
        ^^^^ CUDA : elapsed = 0.00745 sec,  Gflops = 147800.0 \n";
    let found = runs(text, None);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].metric.as_str(), found[0].group.as_str()), ("fp16", "8192x8192x8192"));
    assert_eq!(found[0].values, [148.0125, 147.8]);
    let silent = "^^^^ CUDA : elapsed = 0.1 sec,  Gflops = 5.0\n";
    let fault = read("f", silent.as_bytes(), None).unwrap_err();
    assert!(fault.to_string().contains("metric"), "{fault}");
    assert_eq!(runs(silent, Some("int8"))[0].metric, "int8");
}

#[test]
fn rocblas_lines() {
    let text = "rocBLAS info: maximum library size per device is 0.6 GB.\n\
        transA,transB,M,N,K,alpha,lda,beta,ldb,ldc,rocblas-Gflops,us\n\
        N,T,4000,4000,4000,1,4000,0,4000,4000, 97190.6, 1317\n\
        transA,transB,M,N,K,alpha,lda,beta,ldb,ldc,rocblas-Gflops,us\n\
        N,T,4000,4000,4000,1,4000,0,4000,4000, 97200.0, 1317\n";
    let found = runs(text, Some("fp16"));
    assert_eq!(found[0].group, "4000x4000x4000");
    assert_eq!(found[0].values.len(), 2);
    let echoed = format!("rocblas-bench -f gemm -r bf16_r -m 4000\n{text}");
    assert_eq!(runs(&echoed, None)[0].metric, "bf16");
}

#[test]
fn nccl_takes_the_largest_size() {
    let text = "# nThread 1 nGpus 8 minBytes 8 maxBytes 1024\n\
        #       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong\n\
        #        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)\n\
                    8             2     float     sum      -1    23.21    0.00    0.00      0    22.94    0.00    0.00      0\n\
           1073741824     268435456     float     sum      -1   5500.1  195.22  341.63      0   5501.1  195.20  341.60      0\n\
        # Out of bounds values : 0 OK\n# Avg bus bandwidth    : 170.8\n";
    let found = runs(text, None);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].values, [341.63, 341.6]);
}

#[test]
fn stream_and_babelstream() {
    let text = "Function    Best Rate MB/s  Avg time     Min time     Max time\n\
        Copy:       3400000.0     0.000160     0.000158     0.000162\n\
        Triad:      3500000.5     0.000240     0.000230     0.000250\n";
    let found = runs(text, None);
    assert_eq!(found.iter().map(|r| r.group.as_str()).collect::<Vec<_>>(), ["Copy", "Triad"]);
    assert_eq!(found[0].values, [3400.0]);
    let babel = "Function    MBytes/sec  Min (sec)   Max         Average\nTriad       1234567.8   0.001  0.002 0.001\n";
    assert_eq!(runs(babel, None)[0].metric, "memory");
}

#[test]
fn mlperf_logs() {
    let text = "noise\n\
        0: :::MLLOG {\"namespace\": \"\", \"time_ms\": 1000, \"event_type\": \"INTERVAL_START\", \"key\": \"run_start\", \"value\": null, \"metadata\": {}}\n\
        0: :::MLLOG {\"time_ms\": 2000, \"key\": \"tracked_stats\", \"value\": {\"throughput\": 812.5}, \"metadata\": {}}\n\
        0: :::MLLOG {\"time_ms\": 601000, \"key\": \"run_stop\", \"value\": null, \"metadata\": {\"status\": \"success\"}}\n";
    let found = runs(text, None);
    assert_eq!(found[0].metric, "mlperf.minutes");
    assert_eq!(found[0].values, [10.0]);
    assert_eq!(found[1].values, [812.5]);
    let summary = "MLPerf Results Summary\nScenario : Offline\nSamples per second: 1234.5\nResult is : VALID\n";
    assert_eq!(runs(summary, None)[0].group, "Offline");
    assert!(read("f", summary.replace(": VALID", ": INVALID").as_bytes(), None).is_err());
}

#[test]
fn tables() {
    let text = "metric,value,unit\nfp16,140.5,TFLOPS\nfp16,0.1405,PFLOPS\n";
    assert_eq!(runs(text, None)[0].values, [140.5, 140.5]);
    let json = "[{\"metric\": \"memory\", \"value\": 3.9, \"unit\": \"TB/s\"}]";
    assert_eq!(runs(json, None)[0].values, [3900.0]);
}

#[test]
fn hostile_measurements_are_refused_without_panic() {
    for bad in [
        "",
        "\u{0}",
        "metric,value,unit\nfp16,NaN,TFLOPS\n",
        "metric,value,unit\nfp16,-1,TFLOPS\n",
        "metric,value,unit\nfp16,1e999,TFLOPS\n",
        "metric,value,unit\nfp16,1\n",
        "metric,value,unit\nfp16,1,TFLOPS\nfp16,1,GB/s\n",
        "a,b\n1,2\n",
        "[{\"metric\": 1}]",
        "{}",
        ":::MLLOG {",
        "elapsed = Gflops = ",
        "x-Gflops\n1,2\n",
    ] {
        assert!(read("f", bad.as_bytes(), Some("fp16")).is_err(), "{bad:?}");
    }
    assert!(read("f", &[0xff, 0xfe], None).is_err());
}
