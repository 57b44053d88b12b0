using BenchmarkDotNet.Running;

using RawSocketChat.Benchmarks.Micro;

var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroConfig).Assembly).Run(args, new MicroConfig());

// A benchmark that cannot run must not look like one that was left out.
return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
