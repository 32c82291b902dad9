import { useProviderMetrics } from '../hooks/useWebSocket';

function ProviderDashboard({ providerId }) {
  const [metrics, setMetrics] = useState(null);

  useProviderMetrics(providerId, (data) => {
    setMetrics(data.metrics);
  });

  return (
    <div>
      {metrics && (
        <div>
          <p>GPU Usage: {metrics.gpuPercent}%</p>
          <p>Temperature: {metrics.gpuTemp}°C</p>
        </div>
      )}
    </div>
  );
}
