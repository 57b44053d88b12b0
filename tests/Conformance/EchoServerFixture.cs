namespace RawSocketChat.Conformance.Tests;

/// <summary>An echo server of its own for each fixture, and clients that write bytes and read frames.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class EchoServerFixture
{
    private WebSocketServer _server = null!;

    [OneTimeSetUp]
    public async Task StartServer()
    {
        _server = new WebSocketServer(
            new() { MaxMessageSize = 64 * 1024 * 1024 },
            async (connection, stopping) =>
            {
                await foreach (var message in connection.ReadAllAsync(stopping))
                {
                    await connection.SendAsync(message, stopping);
                }
            });
        await _server.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopServer()
    {
        await _server.DisposeAsync();
        _server.Connections.Count.Should().Be(0);
    }

    private protected Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(_server.LocalEndPoint);

    /// <summary>
    /// Sends bytes and expects exactly these answers, each the frame's opcode and payload, then the close frame with that status, then the
    /// end of TCP without a reset. Run three times: sent at once, byte by byte, and cut in the middle of every frame header.
    /// </summary>
    private protected async Task Expect(byte[] sent, int closeStatus, params (int Opcode, byte[] Payload)[] answers)
    {
        foreach (var piece in sent.Length <= 4096 ? new[] { sent.Length, 1, 3 } : [sent.Length])
        {
            await using var client = await ConnectAsync();
            await client.SendAsync(sent, Math.Max(piece, 1));
            foreach (var (opcode, payload) in answers)
            {
                var frame = await client.ReadFrameAsync();
                frame.Should().NotBeNull("an answer is outstanding (sent in pieces of {0})", piece);
                frame!.Opcode.Should().Be(opcode);
                frame.IsFinal.Should().BeTrue();
                frame.Payload.AsSpan().SequenceEqual(payload).Should().BeTrue("the payload comes back as it was sent (pieces of {0})", piece);
            }

            await client.ExpectCloseAsync(closeStatus);
        }
    }
}
