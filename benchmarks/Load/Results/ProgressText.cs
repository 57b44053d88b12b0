using System.Globalization;

using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Results;

/// <summary>A sample in a line, while the run goes on.</summary>
internal static class ProgressText
{
    public static string Of(Sample sample)
    {
        if (sample.Failure is { } failure)
        {
            return $"FAILED: {failure}";
        }

        if (sample.ResidentBytesPerConnection is { } resident)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{resident,8:N0} B resident, {sample.HeapBytesPerConnection:N0} B heap a connection");
        }

        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{sample.CpuMicrosecondsPerMessage,8:F2} µs CPU {sample.MessagesPerSecond,11:N0}/s  p99 {sample.P99Microseconds,9:N0} µs");
        return sample.GeneratorIsLimit ? $"{line}  (the generator is the limit)" : line;
    }
}
