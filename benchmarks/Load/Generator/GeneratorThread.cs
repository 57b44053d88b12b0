using RawSocketChat.Load.Machine;

namespace RawSocketChat.Load.Generator;

/// <summary>Runs the generator's work on one thread, on the processor that the server does not have.</summary>
internal static class GeneratorThread
{
    /// <summary>Runs work to its end; what it throws is thrown here.</summary>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Processors.Pin(Processors.Generator);
                completion.SetResult(work());
            }
            catch (Exception failure)
            {
                completion.SetException(failure);
            }
        });
        thread.Start();
        return completion.Task;
    }
}
