using System.Diagnostics;
using System.Reflection;

using BenchmarkDotNet.Running;

namespace RawSocketChat.Benchmarks.Tests;

/// <summary>One benchmark, set up and ready to be invoked on this thread.</summary>
internal sealed class RunningBenchmark : IDisposable
{
    private readonly SynchronizationContext? _context = SynchronizationContext.Current;
    private readonly object _instance;
    private readonly BenchmarkCase _case;
    private readonly Action _invoke;

    public RunningBenchmark(BenchmarkCase benchmark)
    {
        // A benchmark's own process has none either: an await goes on where it is.
        SynchronizationContext.SetSynchronizationContext(null);
        _case = benchmark;
        _instance = Activator.CreateInstance(benchmark.Descriptor.Type)!;
        foreach (var parameter in benchmark.Parameters.Items)
        {
            benchmark.Descriptor.Type.GetProperty(parameter.Name)!.SetValue(_instance, parameter.Value);
        }

        Call(benchmark.Descriptor.GlobalSetupMethod);
        _invoke = Invocation(benchmark.Descriptor.WorkloadMethod);
    }

    private int Operations => _case.Descriptor.OperationsPerInvoke;

    /// <summary>Invokes the benchmark once: many operations.</summary>
    public void Invoke() => _invoke();

    /// <summary>How many bytes an operation allocates in the steady state.</summary>
    public double Allocated()
    {
        const int WarmUps = 2;
        const int Rounds = 4;
        for (var i = 0; i < WarmUps; i++)
        {
            _invoke();
        }

        // The least of several: a pool that was trimmed meanwhile allocates again, and that is not the operation's.
        var least = long.MaxValue;
        for (var i = 0; i < Rounds && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            _invoke();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return (double)least / Operations;
    }

    /// <summary>The time of an operation in nanoseconds, taken over as many invocations as last that long.</summary>
    public double Time(TimeSpan atLeast)
    {
        var invocations = 0;
        var start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            _invoke();
            invocations++;
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < atLeast);

        return elapsed.TotalNanoseconds / invocations / Operations;
    }

    public void Dispose()
    {
        Call(_case.Descriptor.GlobalCleanupMethod);
        SynchronizationContext.SetSynchronizationContext(_context);
    }

    private void Call(MethodInfo? method) => (method?.Invoke(_instance, null) as Task)?.GetAwaiter().GetResult();

    private Action Invocation(MethodInfo method)
    {
        if (method.ReturnType == typeof(void))
        {
            return method.CreateDelegate<Action>(_instance);
        }

        if (method.ReturnType.IsAssignableTo(typeof(Task)))
        {
            var start = method.CreateDelegate<Func<Task>>(_instance);
            return () => Complete(start());
        }

        var call = method.CreateDelegate(typeof(Func<>).MakeGenericType(method.ReturnType), _instance);
        var discarding = GetType().GetMethod(nameof(Discarding), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Action)discarding.MakeGenericMethod(method.ReturnType).Invoke(null, [call])!;
    }

    private static Action Discarding<T>(Func<T> call) => () => call();

    // What waited would go on on another thread, whose memory is not counted.
    private static void Complete(Task task)
    {
        if (!task.IsCompleted)
        {
            throw new InvalidOperationException("A benchmark must not wait for anything.");
        }

        task.GetAwaiter().GetResult();
    }
}
