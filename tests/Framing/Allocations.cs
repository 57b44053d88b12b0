using System.Net.WebSockets;
using System.Text;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Allocations
{
    [Test]
    public void Reading_a_header_allocates_nothing([Values(5UL, 300UL, 70_000UL)] ulong length)
    {
        var bytes = Wire.Header(0x82, masked: true, length);
        var read = 0;

        Allocation.ShouldBeNone(() =>
        {
            var status = FrameHeader.TryRead(bytes, EndpointRole.Server, FragmentState.None, out _, out _);
            read += status == FrameReadStatus.Done ? 1 : 0;
        });

        read.Should().BeGreaterThan(10_000);
    }

    [Test]
    public void Refusing_a_header_allocates_nothing([Values("C1", "83", "09", "8105", "89FE", "82FF80", "82FF000000000000")] string header)
    {
        var bytes = Wire.Hex(header);
        var refused = 0;

        Allocation.ShouldBeNone(() =>
        {
            var status = FrameHeader.TryRead(bytes, EndpointRole.Server, FragmentState.None, out _, out _);
            refused += status == FrameReadStatus.Violation ? 1 : 0;
        });

        refused.Should().BeGreaterThan(10_000);
    }

    [Test]
    public void Writing_a_header_allocates_nothing([Values(5L, 300L, 70_000L)] long length)
    {
        var header = new FrameHeader(true, Opcode.Binary, true, 0x12345678, length);
        var destination = new byte[FrameHeader.MaxSize];

        Allocation.ShouldBeNone(() => header.Write(destination));
    }

    [Test]
    public void Masking_allocates_nothing()
    {
        var source = new byte[1000];
        var destination = new byte[1000];

        Allocation.ShouldBeNone(() =>
        {
            Masking.Apply(source, 0x12345678, 3);
            Masking.Copy(source, destination, 0x12345678, 1);
        });
    }

    [Test]
    public void Checking_UTF8_allocates_nothing()
    {
        var text = Encoding.UTF8.GetBytes("aé€😀 in pieces");
        var validator = default(Utf8Validator);

        Allocation.ShouldBeNone(() =>
        {
            for (var cut = 0; cut <= text.Length; cut++)
            {
                validator.Reset();
                validator.Append(text.AsSpan(0, cut));
                validator.Append(text.AsSpan(cut));
            }
        });
    }

    [Test]
    public void Drawing_a_masking_key_allocates_nothing()
    {
        var keys = new MaskKeySource();

        Allocation.ShouldBeNone(() => keys.Next());
    }

    [Test]
    public void Writing_a_close_payload_allocates_nothing()
    {
        var destination = new byte[FrameHeader.MaxControlPayload];

        Allocation.ShouldBeNone(() => ClosePayload.Write(destination, WebSocketCloseStatus.NormalClosure, "bye"));
    }

    [Test]
    public void Reading_a_close_payload_without_a_reason_allocates_nothing()
    {
        byte[] payload = [0x03, 0xE8];

        Allocation.ShouldBeNone(() => ClosePayload.Read(payload, out _, out _));
    }
}
